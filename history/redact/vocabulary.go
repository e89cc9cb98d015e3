package redact

import (
	"strings"
	"sync"
)

// vocabulary are the words that say nothing about anybody: those of the kinds of
// fact, of this program's sentences, and of the errors of kernels and libraries.
var vocabulary = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
})

const words = `
a above address addresses afterwards again all allowed already an and another answer answered answers any are as aside ask asked asking asks associated association at
attempt audit authority auth bad be because been before began begins behind being below between beyond body both bound bridge broken broke budget buffer buffers bus but by
bytes byte can cannot cap capability carrier certificate certificates chain changes changed check checked client clock closed command config configured configuring configure connect connected
connecting connection connections content could cpu damaged data daemon dead deadline deauthenticated declared default degraded delay deleted denied descriptor destination device
differed differ different did disassociated disk dns do does domain domains down dropped drop dump each early empty end ended endpoint ends entry error errors etc event events exceeded exist exists
expected expired failed fail failure failures family file files filtered finished firmware first flag for forged format found frame from full function gateway generate getaddrinfo gone got had handshake
has have header headers held hop host hours http https icmp if ignored in inactivity incomplete index inet inet6 inferred inside instead interface interfaces internal internet interrupted
into invalid io ip ipv4 ipv6 is it its kernel key kind known large late length limit limited line link list local lookup lookups loop loopback lost mac machine made malformed many mark
member memory message messages method milliseconds misbehaving missing mode moved mtu multicast must name names neighbour neighbours netlink netns network networks never new next no nobody none not notice
nothing now nxdomain observations of off old on once one only open operation or other others out outside over packet packets page parse path paths peer perhaps permission permitted ping
pings plain point port portal ports prefix previous privilege probe probes problem process processes program prohibited protocol put query queue raw reached reaches read reading reason recorded recording recorder
redirect redirected refused refuses regular reject rejected remote removed repaired reply replies request reset resolve resolv resolv.conf resolved resolver resolving resource response rest result resumed retry
returned roamed root route router routes row rows rule rules run running said same says second seconds secure seen send sending sent server servers service servfail set setcap shown signal
signature signed silent since size slow so socket sockets some source stale start started state status step stepped steps still stop stopped strange stranger strict stub such sudo supported
suspend suspended symbolic syn synced synchronized system systemd systemd-resolved table tables target temporarily temporary than that the their them then there they this those through time timed timeout
times tls to too took tried tunnel type udp tcp unable unauthorized unavailable under unexpected unknown unprivileged unreachable unsupported until up url usable use used user valid validity version via
was watch way were what when where which while who wide widen widened will with within without word words worked works would wrong x509 yes you your zone hostname authoritative nodata noerror formerr notimp refuse recursion
answerless unanswered unassociated beacon beacons radio wifi wired cellular virtual other ok no_data bad_answer resolution rp_filter net.ipv4.ping_group_range ping_group_range cap_net_raw cap_net_admin net.core.rmem_max rmem_max
flapscope /etc/resolv.conf group include process's text says receive capped sys proc only slept sleep asleep behind ahead forward backward back jumped hours minutes minute hour day days suspended resume resuming
enetunreach ehostunreach eacces einval eperm eagain ebusy enodev enxio enobufs enomem econnrefused econnreset etimedout eaddrnotavail enetdown ehostdown emsgsize epipe eof eopnotsupp eafnosupport esrch enoent
v4 v6 dial dialing lookup tcp4 tcp6 udp4 udp6 ip4 ip6 outcome overrun resync undecodable clock_step router_mode custom put del inet inet6 administratively administrative communication reassembly fragmentation needed quench parameter precedence cutoff isolated unreachable ttl transit
moved permanently found see not modified forbidden internal gateway gone bad unauthorized payment acceptable conflict precondition entity unsupported media expectation teapot loop detected extended authentication required 
another more only hours hour days day ago expired valid soon answers nobody itself machine machine's clock slow fast date out proxy portal place handshake answer request knock port listens somebody machines chain signed by unknown authority certificate has expired or is not yet valid current for names doesn't match intended legacy common san ca self issuer issued private public remote tls: alert
doesn't can't didn't isn't was't wasn't won't what's rfkill soft hard blocked blackhole blackholed unblocked firewall answerer deauthentication disassociation reassociation
veth bridge bond vlan vxlan wireguard tun tap gre gretap ipip sit vti vti6 ip6tnl ip6gre dummy ifb macvlan macvtap ipvlan team vrf vcan can geneve netdevsim nlmon batadv hsr xfrm ppp rmnet wwan openvswitch ovs tunl amt lowpan ovpn
e1000 e1000e igb igc ixgbe i40e ice r8169 r8152 r8125 tg3 bnx2 bnx2x bnxt_en mlx4_en mlx5_core atlantic alx sky2 virtio_net virtio vmxnet3 hv_netvsc ena gve xen_netfront
iwlwifi ath9k ath10k_pci ath11k_pci ath12k_pci mt7921e mt7925e mt76x2u rtw88_8822be rtw88_8822ce rtw88_8821ce rtw89_8852be rtw89_8852ae rtl8xxxu brcmfmac wl b43 mwifiex mac80211_hwsim cdc_ether cdc_ncm cdc_mbim qmi_wwan ax88179_178a asix smsc95xx lan78xx rndis_host usbnet dwmac stmmac bcmgenet macb fec
action addr after altnames ap associate boot broadcast bssid candidate cause clear code columns constrained continues count cut damping detail driver
dst duration episode episodes err every evidence expensive expires extra fdb flags flapping flaps fwmark fwmask gap goto grace half hardware hold i id
access points security load stations busy percent cells heard sae confirm
ifalias ifgroup ifindex ifname ignore iif impossible incidents initial interval ipproto l3mdev label lag layer leg level life linkdown linkmode lladdr
longest max median metric min mono monotonic netconf nexthop nexthops nhid note ns ntf number odd oif op operstate pattern penalty phase phases pref
preferred prefixlen prefixlength prefsrc priority proxy raise recovery redaction resolvers role rollup rtt samples schema scope scopes search series
session settings settle severity shortest slave snapshot src ssid suppress sync targets theme tool tos txqlen uid uncertain unrest values weight
unresolved withdrawn withdrawal stolen intercepted lies lied tunnel_down sample deadline incidents outages outage satisfied unsatisfied requires lane
duplicates ttl queue late queue_ns share burst bursts mean jitter availability online reachable severity loss latency losses reports report
change course histogram classes pairs disconnected refused unanswered scan scanned aborted authenticated low high switch switched unprotected deauth regulatory level dbm
protected everybody frequency mhz dbm width signal beacon channels channel country elsewhere rates rx tx mcs nss sent retries due station traffic dropped errors
standby stands stood might dead_route wins narrower viability viable available better
trigger capport translator api sign asked until begun findings metering forwarding accept ra use tempaddr disabled settings manager networkmanager modemmanager networkd resolved systemd iwd wpa supplicant connman metered guessed guess check checks attached trouble aaaa absent access admin best beyond black captive carry check's chosen claim come comes cuts dad denies dnssec don't drops edns else
exhausted exhaustion fails families filter filters further garden get gets gives goes heard hole ignores knows leave lets login loses may offline operator operators own passes plugged provider
question questions returns rewrites rewritten roam rp several short sites skipped something stalled stray taken though told towards truncated twice two understand untouched upstream
vanish verdict verify wait walled want wants watched well whose work cloudflare google quad9 opendns way tcp user send again without connections
linux debian ubuntu fedora arch archlinux opensuse suse tumbleweed leap enterprise red hat redhat centos stream rocky alma almalinux alpine gentoo nixos void mint linuxmint manjaro endeavouros pop pop!_os elementary zorin raspbian raspberry pi os openwrt gnu
bookworm trixie bullseye buster forky sid noble jammy focal plucky questing kinetic lts workstation server edition rolling desktop kali amd64 arm64 386 arm riscv64 ppc64le s390x mips mipsle loong64 x86_64 aarch64 generic
allows arp attributes authorities big bind boottime core counter create datagram detection devices discovery duplicate either ep epoll fit instance join kb last live long look
mirrored much neither net nl80211 nor notifications observed overran pinged policy prefixes programs property range reach received resets restart rmem rose rtnetlink save setcap
s t small space sysctl timer trace true tls uses verified web wi fi
`
