//! A port on this machine alone, on both of its loopback addresses: browsers and some clients take a name such as
//! `a.localhost` to `::1` first, and whoever writes `[::1]` means that address.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

/// The two addresses, in the order in which a name that ends with `.localhost` is tried.
pub const ADDRESSES: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// A port that listens, with no address but those of loopback.
pub struct Loopback {
    pub port: u16,
    /// On `127.0.0.1`, then on `::1` where the machine has it.
    pub listeners: Vec<TcpListener>,
}

impl Loopback {
    /// Takes a port on both addresses; 0 takes any.
    ///
    /// # Errors
    /// Another program has the port on one of them, and would get some of the requests; or 127.0.0.1 cannot be listened on.
    pub fn bind(wanted: u16) -> io::Result<Self> {
        let four = listen(ADDRESSES[0], wanted)?;
        let port = four.local_addr()?.port();
        match listen(ADDRESSES[1], port) {
            Ok(six) => Ok(Self { port, listeners: vec![four, six] }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && wanted != 0 => Err(error),
            // The machine has no IPv6.
            Err(_) => Ok(Self { port, listeners: vec![four] }),
        }
    }

    /// The listeners for the runtime.
    ///
    /// # Errors
    /// There is no runtime, or it is full.
    pub fn into_tokio(self) -> io::Result<Vec<tokio::net::TcpListener>> {
        self.listeners.into_iter().map(tokio::net::TcpListener::from_std).collect()
    }
}

fn listen(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(SocketAddr::from((address, port)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_taken_on_both_addresses_or_on_none() {
        let Ok(taken) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else { return };
        let port = taken.local_addr().unwrap().port();
        assert_eq!(Loopback::bind(port).map(|found| found.port).map_err(|error| error.kind()), Err(io::ErrorKind::AddrInUse));
        drop(taken);
        let found = Loopback::bind(port).unwrap();
        let addresses: Vec<_> = found.listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
        assert_eq!(addresses, ADDRESSES.map(|address| SocketAddr::from((address, port))));
    }
}
