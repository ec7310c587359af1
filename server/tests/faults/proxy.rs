//! A network between two processes that can be made a bad one.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::AbortHandle,
};

/// What it does with connections, those that are open and those that come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Everything goes through.
    Pass,
    /// Every connection is reset, and so is every new one.
    Cut,
    /// Each piece of a request and of an answer comes so much later.
    Delay(Duration),
    /// A request goes through. What is answered is thrown away, and the connection closed.
    DropAnswers,
}

/// A listener that passes connections on to another address.
pub struct Proxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    listening: AbortHandle,
}

impl Proxy {
    /// A proxy before this address.
    pub async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, watched) = watch::channel(Mode::Pass);
        let listening = tokio::spawn(listen(listener, target, watched)).abort_handle();
        Self {
            address,
            mode,
            listening,
        }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it does this.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, target: SocketAddr, mode: watch::Receiver<Mode>) {
    while let Ok((caller, _)) = listener.accept().await {
        // However a connection ends, its two ends learn it by being closed.
        tokio::spawn(serve(caller, target, mode.clone()));
    }
}

async fn serve(
    mut caller: TcpStream,
    target: SocketAddr,
    mut mode: watch::Receiver<Mode>,
) -> io::Result<()> {
    if *mode.borrow() == Mode::Cut {
        return caller.set_zero_linger();
    }
    let mut target = TcpStream::connect(target).await?;
    caller.set_nodelay(true)?;
    target.set_nodelay(true)?;
    {
        let (request_from, answer_to) = caller.split();
        let (answer_from, request_to) = target.split();
        let requests = pass_on(request_from, request_to, mode.clone(), Way::There);
        let answers = pass_on(answer_from, answer_to, mode.clone(), Way::Back);
        tokio::select! {
            ended = requests => return ended,
            ended = answers => return ended,
            _ = mode.wait_for(|mode| *mode == Mode::Cut) => {}
        }
    }
    // What is closed now is reset.
    caller.set_zero_linger()?;
    target.set_zero_linger()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    There,
    Back,
}

async fn pass_on(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mode: watch::Receiver<Mode>,
    way: Way,
) -> io::Result<()> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut piece).await?;
        if length == 0 {
            return Ok(());
        }
        let now = *mode.borrow();
        match now {
            Mode::DropAnswers if way == Way::Back => return Ok(()),
            Mode::Delay(time) => tokio::time::sleep(time).await,
            Mode::Pass | Mode::Cut | Mode::DropAnswers => {}
        }
        to.write_all(&piece[..length]).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers each byte with itself.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    while let Ok(byte) = stream.read_u8().await {
                        stream.write_u8(byte).await.unwrap();
                    }
                });
            }
        });
        address
    }

    async fn asked(stream: &mut TcpStream, byte: u8) -> io::Result<u8> {
        stream.write_u8(byte).await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn a_cut_ends_what_is_open_and_what_comes_and_goes_by() {
        let proxy = Proxy::before(echo().await).await;
        let mut open = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(asked(&mut open, 1).await.unwrap(), 1);
        proxy.set(Mode::Cut);
        assert!(open.read_u8().await.is_err());
        let mut new = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(asked(&mut new, 2).await.is_err());
        proxy.set(Mode::Pass);
        let mut new = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(asked(&mut new, 3).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn answers_are_dropped_or_late() {
        let proxy = Proxy::before(echo().await).await;
        let mut open = TcpStream::connect(proxy.address()).await.unwrap();
        proxy.set(Mode::Delay(Duration::from_millis(20)));
        let start = std::time::Instant::now();
        assert_eq!(asked(&mut open, 1).await.unwrap(), 1);
        assert!(start.elapsed() >= Duration::from_millis(40));
        proxy.set(Mode::DropAnswers);
        assert!(asked(&mut open, 2).await.is_err());
    }
}
