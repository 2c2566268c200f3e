package io.outboxrelay.check;

import io.outboxrelay.testkit.PostgresServer;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A pooler that passes ordinary connections on; a test sets how it treats replication. */
public final class ReplicationlessPooler implements AutoCloseable {
  private static final String REPLICATION = "replication\0database\0";

  /** The type of a client's message that holds a password or a step of SCRAM. */
  private static final int PASSWORD = 'p';

  private final ServerSocket listening;
  private final PostgresServer server;
  private volatile Habit habit;

  /** The treatment of a connection with the start-up parameter {@code replication}. */
  public enum Habit {
    /** Refuses the connection. */
    REFUSES,
    /** Passes the connection on as an ordinary one. */
    LEAVES_THE_PARAMETER_OUT,
    /** Passes the connection on unchanged, as a pooler that supports replication does. */
    PASSES_ON,
    /** Passes the login on, and nothing after that. */
    FALLS_SILENT
  }

  private ReplicationlessPooler(ServerSocket listening, PostgresServer server, Habit habit) {
    this.listening = listening;
    this.server = server;
    this.habit = habit;
  }

  public static ReplicationlessPooler before(PostgresServer server, Habit habit)
      throws IOException {
    var pooler =
        new ReplicationlessPooler(
            new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), server, habit);
    daemon(pooler::accept);
    return pooler;
  }

  /** Sets the treatment of connections that are opened from now on. */
  public void becomes(Habit other) {
    habit = other;
  }

  public int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        var client = listening.accept();
        daemon(() -> serve(client));
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private void serve(Socket client) {
    try (client) {
      var in = new DataInputStream(client.getInputStream());
      int length = in.readInt();
      byte[] parameters = in.readNBytes(length - Integer.BYTES);
      String text = new String(parameters, StandardCharsets.ISO_8859_1);
      if (habit == Habit.REFUSES && text.contains(REPLICATION)) {
        refuse(client.getOutputStream());
        return;
      }
      byte[] passedOn =
          habit == Habit.LEAVES_THE_PARAMETER_OUT
              ? text.replace(REPLICATION, "").getBytes(StandardCharsets.ISO_8859_1)
              : parameters;
      try (var behind = new Socket(server.host(), server.port())) {
        var out = new DataOutputStream(behind.getOutputStream());
        out.writeInt(Integer.BYTES + passedOn.length);
        out.write(passedOn);
        boolean fallsSilent = habit == Habit.FALLS_SILENT && text.contains(REPLICATION);
        daemon(() -> copy(client, behind, fallsSilent));
        transfer(behind.getInputStream(), client.getOutputStream());
      }
    } catch (IOException e) {
      // One of the two has ended.
    }
  }

  private static void refuse(OutputStream client) throws IOException {
    byte[] fields =
        "SFATAL\0C08P01\0Munsupported startup parameter: replication\0\0"
            .getBytes(StandardCharsets.US_ASCII);
    var out = new DataOutputStream(client);
    out.writeByte('E');
    out.writeInt(Integer.BYTES + fields.length);
    out.write(fields);
  }

  private static void copy(Socket from, Socket to, boolean loginOnly) {
    try {
      if (loginOnly) {
        transferLogin(new DataInputStream(from.getInputStream()), to.getOutputStream());
      } else {
        transfer(from.getInputStream(), to.getOutputStream());
      }
      to.shutdownOutput();
    } catch (IOException e) {
      // One of the two has ended.
    }
  }

  /** Passes on only the messages that answer a request for a password. */
  private static void transferLogin(DataInputStream from, OutputStream to) throws IOException {
    var out = new DataOutputStream(to);
    for (int type = from.read(); type >= 0; type = from.read()) {
      int length = from.readInt();
      byte[] content = from.readNBytes(length - Integer.BYTES);
      if (type == PASSWORD) {
        out.writeByte(type);
        out.writeInt(length);
        out.write(content);
      }
    }
  }

  private static void transfer(InputStream from, OutputStream to) throws IOException {
    byte[] some = new byte[8_192];
    for (int read = from.read(some); read >= 0; read = from.read(some)) {
      to.write(some, 0, read);
    }
  }

  private static void daemon(Runnable work) {
    var thread = new Thread(work, "refusing-pooler");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
