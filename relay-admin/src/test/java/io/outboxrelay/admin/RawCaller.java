package io.outboxrelay.admin;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A client that writes any bytes to the port, and reads the answers. */
final class RawCaller implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 60_000;

  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d+)\r\n");

  private final Socket socket;

  RawCaller(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  /** Writes lines, each with the line end of HTTP. */
  RawCaller send(String... lines) throws IOException {
    return sendText(String.join("\r\n", lines) + "\r\n");
  }

  RawCaller sendText(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  /** Reads the first line of the next answer. */
  String statusLine() throws IOException {
    var line = new StringBuilder();
    InputStream in = socket.getInputStream();
    for (int at = in.read(); at >= 0 && at != '\n'; at = in.read()) {
      line.append((char) at);
    }
    return line.toString().trim();
  }

  /** Reads until {@code end} has been read. */
  void skip(String end) throws IOException {
    var seen = new StringBuilder();
    InputStream in = socket.getInputStream();
    for (int at = in.read(); at >= 0; at = in.read()) {
      seen.append((char) at);
      if (seen.toString().endsWith(end)) {
        return;
      }
    }
    throw new IOException("the connection ended after " + seen);
  }

  /** Reads one answer with a body of {@code Content-Length} bytes. */
  String answer() throws IOException {
    var head = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the connection ended after " + head);
      }
      head.append((char) next);
    }
    var length = LENGTH.matcher(head);
    int bytes = length.find() ? Integer.parseInt(length.group(1)) : 0;
    return head + new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
  }

  /** Reads until the server closes the connection. */
  String rest() throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
