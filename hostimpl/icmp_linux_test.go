package hostimpl_test

import (
	"encoding/binary"
	"net/netip"
)

// unreachable is the ICMP message that answers an IP packet, from the machine that it was for: destination
// unreachable of a code, which for 4 of IPv4 is with the largest packet that gets through, or in IPv6 packet too big,
// whose type is 2.
func unreachable(packet []byte, kind, code byte, mtu uint32) []byte {
	switch packet[0] >> 4 {
	case 4:
		about := packet[:min(len(packet), 20+8)]
		message := binary.BigEndian.AppendUint32([]byte{kind, code, 0, 0}, mtu)
		message = append(message, about...)
		binary.BigEndian.PutUint16(message[2:], checksum(message))
		head := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0}
		head = append(append(head, packet[16:20]...), packet[12:16]...)
		binary.BigEndian.PutUint16(head[2:], uint16(len(head)+len(message)))
		binary.BigEndian.PutUint16(head[10:], checksum(head))
		return append(head, message...)
	case 6:
		about := packet[:min(len(packet), 1232)]
		message := binary.BigEndian.AppendUint32([]byte{kind, code, 0, 0}, mtu)
		message = append(message, about...)
		head := []byte{0x60, 0, 0, 0, 0, 0, 58, 64}
		head = append(append(head, packet[24:40]...), packet[8:24]...)
		binary.BigEndian.PutUint16(head[4:], uint16(len(message)))
		// What is summed is the addresses, the length and the protocol, then the message.
		sum := append([]byte{}, head[8:]...)
		sum = binary.BigEndian.AppendUint32(sum, uint32(len(message)))
		sum = append(append(sum, 0, 0, 0, 58), message...)
		binary.BigEndian.PutUint16(message[2:], checksum(sum))
		return append(head, message...)
	}
	return nil
}

// checksum is that of the Internet.
func checksum(p []byte) uint16 {
	var sum uint32
	for ; len(p) > 1; p = p[2:] {
		sum += uint32(binary.BigEndian.Uint16(p))
	}
	if len(p) == 1 {
		sum += uint32(p[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// isDatagram reports whether the packet is UDP, as a whole or its first part.
func isDatagram(packet []byte) bool {
	return packet[0]>>4 == 4 && packet[9] == 17 || packet[0]>>4 == 6 && packet[6] == 17
}

// refuse is a router that answers datagrams with ICMP.
func refuse(kind, code byte) *func([]byte) []byte {
	route := func(packet []byte) []byte {
		if !isDatagram(packet) {
			return nil
		}
		return unreachable(packet, kind, code, 0)
	}
	return &route
}

// narrow is a router that lets through nothing larger than mtu, and does not cut anything itself.
func narrow(mtu int) *func([]byte) []byte {
	route := func(packet []byte) []byte {
		switch {
		case len(packet) <= mtu:
			return nil
		case packet[0]>>4 == 6:
			return unreachable(packet, 2, 0, uint32(mtu))
		}
		return unreachable(packet, 3, 4, uint32(mtu))
	}
	return &route
}

// largest is the most that a datagram can have, by the lengths in its headers.
func largest(ip netip.Addr) int {
	if ip.Is4() {
		return 65535 - 20 - 8
	}
	return 65535 - 8
}
