"""Which addresses nobody may be led to by the name of an endpoint."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv6Address

__all__ = ["refusal"]

#: IPv6 that stands for IPv4: NAT64 (RFC 6052), and local NAT64 (RFC 8215), whose form is not known.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_THIS_NETWORK = ipaddress.IPv4Network("0.0.0.0/8")


def refusal(address: str, *, private: bool) -> str:
    """Say why an address may not be connected to; nothing if it may.

    :param address: IPv4 or IPv6
    :param private: whether private and loopback addresses may be; link-local ones, where clouds
        keep credentials, multicast, reserved and unspecified ones never may

    >>> refusal("10.1.2.3", private=False), refusal("10.1.2.3", private=True)
    ('private', '')
    >>> refusal("64:ff9b::169.254.169.254", private=True)
    'link-local'
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unreadable"
    if isinstance(ip, IPv6Address):
        if ip.scope_id is not None:
            return "link-local"
        inner = _inner(ip)
        if inner is not None:
            return refusal(str(inner), private=private)
        if ip in _LOCAL_NAT64 or ip.teredo is not None:
            return "of a tunnel"
    return _refusal(ip, private=private)


def _inner(ip: IPv6Address) -> IPv4Address | None:
    """Give the IPv4 address that an IPv6 address stands for."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 1):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def _refusal(ip: IPv4Address | IPv6Address, *, private: bool) -> str:
    if ip.is_loopback:
        return "" if private else "loopback"
    if ip.is_link_local:
        return "link-local"
    if ip.is_unspecified or (isinstance(ip, IPv4Address) and ip in _THIS_NETWORK):
        return "unspecified"
    if ip.is_multicast:
        return "multicast"
    if ip.is_reserved or (isinstance(ip, IPv6Address) and ip.is_site_local):
        return "reserved"
    if not ip.is_global:
        return "" if private else "private"
    return ""
