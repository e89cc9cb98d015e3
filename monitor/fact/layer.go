package fact

// A Layer is where in the stack a step of a cause chain happened.
type Layer string

// The layers, in the order in which steps of the same instant are reported.
const (
	LayerClock     Layer = "clock"
	LayerRadio     Layer = "radio"
	LayerAdmin     Layer = "admin"
	LayerCarrier   Layer = "carrier"
	LayerAddress   Layer = "address"
	LayerNeighbour Layer = "neighbour"
	LayerRule      Layer = "rule"
	LayerRoute     Layer = "route"
	LayerTunnel    Layer = "tunnel"
	LayerResolver  Layer = "resolver"
	LayerProbe     Layer = "probe"
)
