package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/**
 * Sends several published messages with one flush. The RabbitMQ client flushes after every message.
 * Each flush costs a system call, and with TLS a TLS record as well.
 */
final class BatchingFrameHandler implements FrameHandler {
  private final FrameHandler frames;
  private final Socket socket;
  private volatile @Nullable Thread gathering;

  BatchingFrameHandler(FrameHandler frames, Socket socket) {
    this.frames = frames;
    this.socket = socket;
  }

  /** An action that publishes one message. */
  interface Publishing {
    void publish() throws IOException;
  }

  /**
   * Publishes one message without the flush that the client makes after each message. The caller
   * flushes after the last message.
   */
  void gather(Publishing publishing) throws IOException {
    gathering = Thread.currentThread();
    try {
      publishing.publish();
    } finally {
      gathering = null;
    }
  }

  @Override
  public void flush() throws IOException {
    if (gathering != Thread.currentThread()) {
      frames.flush();
    }
  }

  /**
   * Closes the socket before the client's handler. Closing the handler flushes, and if the broker
   * does not read, the flush would wait for the thread that is blocked in a write.
   */
  @Override
  public void close() {
    try {
      // Without this option, closing a TLS connection would wait for the blocked thread as well.
      socket.setSoLinger(true, 1);
      socket.close();
    } catch (IOException e) {
      // The socket is closed already.
    }
    frames.close();
  }

  @Override
  public void setTimeout(int timeoutMs) throws SocketException {
    frames.setTimeout(timeoutMs);
  }

  @Override
  public int getTimeout() throws SocketException {
    return frames.getTimeout();
  }

  @Override
  public void sendHeader() throws IOException {
    frames.sendHeader();
  }

  @Override
  public void initialize(AMQConnection connection) {
    frames.initialize(connection);
  }

  @Override
  public Frame readFrame() throws IOException {
    return frames.readFrame();
  }

  @Override
  public void writeFrame(Frame frame) throws IOException {
    frames.writeFrame(frame);
  }

  @Override
  public InetAddress getLocalAddress() {
    return frames.getLocalAddress();
  }

  @Override
  public int getLocalPort() {
    return frames.getLocalPort();
  }

  @Override
  public InetAddress getAddress() {
    return frames.getAddress();
  }

  @Override
  public int getPort() {
    return frames.getPort();
  }
}
