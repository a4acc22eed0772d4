//! A stream that fails when its client takes nothing of what it is sent for too long.

use std::future::Future as _;
use std::io::{self, Cursor};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// A stream whose writes fail once nothing could be written for `timeout`.
pub(crate) struct WriteTimeout<S> {
    stream: S,
    timeout: Duration,
    /// Runs only while a write waits.
    deadline: Option<Pin<Box<Sleep>>>,
    /// What is read before the stream.
    again: Cursor<Vec<u8>>,
}

impl<S> WriteTimeout<S> {
    /// A stream whose client may take nothing for `timeout`.
    pub(crate) fn new(stream: S, timeout: Duration) -> Self {
        Self {
            stream,
            timeout,
            deadline: None,
            again: Cursor::default(),
        }
    }

    /// Replays `bytes`: they are read before what comes next.
    pub(crate) fn rewind(&mut self, mut bytes: Vec<u8>) {
        bytes.extend_from_slice(&self.take_replayed());
        self.again = Cursor::new(bytes);
    }

    /// What was to be replayed and has not been read yet.
    pub(crate) fn take_replayed(&mut self) -> Vec<u8> {
        let again = std::mem::take(&mut self.again);
        let read = usize::try_from(again.position()).unwrap_or(usize::MAX);
        let mut bytes = again.into_inner();
        bytes.drain(..read.min(bytes.len()));
        bytes
    }

    fn watch<T>(
        &mut self,
        outcome: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.deadline = None;
            return outcome;
        }
        let timeout = self.timeout;
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteTimeout<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.again.get_ref().is_empty() {
            ready!(Pin::new(&mut self.again).poll_read(context, buffer))?;
            if self.again.position() == self.again.get_ref().len() as u64 {
                self.again = Cursor::default();
            }
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteTimeout<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(written, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.watch(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watch(shut, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test(start_paused = true)]
    async fn writing_fails_once_nothing_was_taken_for_too_long() {
        let (mut reader, writer) = tokio::io::duplex(8);
        let mut writer = WriteTimeout::new(writer, Duration::from_secs(20));
        let slow = async {
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_secs(19)).await;
                let mut taken = [0; 8];
                reader.read_exact(&mut taken).await.unwrap();
            }
        };
        // A slow reader is waited for, one that has stopped is not.
        let (outcome, ()) = tokio::join!(writer.write_all(&[1; 40]), slow);
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let mut rest = Vec::new();
        drop(writer);
        reader.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest.len(), 8);
    }

    #[tokio::test]
    async fn what_was_read_can_be_read_again() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut near = WriteTimeout::new(near, Duration::from_secs(20));
        far.write_all(b"abc").await.unwrap();
        let mut read = [0; 3];
        near.read_exact(&mut read).await.unwrap();
        near.rewind(read.to_vec());
        far.write_all(b"def").await.unwrap();
        drop(far);
        // What comes before does not replace what is still to be replayed.
        near.read_exact(&mut read[..1]).await.unwrap();
        near.rewind(b"123".to_vec());
        let mut all = Vec::new();
        near.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"123bcdef");
    }
}
