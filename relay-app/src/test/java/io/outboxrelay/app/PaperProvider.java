package io.outboxrelay.app;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * A broker module of a third party, which prints every event. As configured, it confirms at once or
 * late, refuses, never answers, rejects certain events, or ends the relay's process at them.
 */
public final class PaperProvider implements PublisherProvider {
  /** The time that a late confirm takes. The aggregate's next event waits for it. */
  static final int LATE_MILLIS = 5;

  @Override
  public String name() {
    return "paper";
  }

  @Override
  public Broker configure(Settings settings) {
    return new Paper(settings.choice("answer", Answer.CONFIRM));
  }

  /** Writes a jar that holds this broker and nothing else. */
  static Path jar(Path folder) throws IOException {
    Path jar = folder.resolve("paper.jar");
    try (var file = Files.newOutputStream(jar);
        var entries = new JarOutputStream(file)) {
      for (Class<?> type :
          List.of(PaperProvider.class, Paper.class, PaperPublisher.class, Answer.class)) {
        add(type.getName().replace('.', '/') + ".class", entries);
      }
      entries.putNextEntry(new JarEntry("META-INF/services/" + PublisherProvider.class.getName()));
      entries.write(PaperProvider.class.getName().getBytes(StandardCharsets.UTF_8));
    }
    return jar;
  }

  private static void add(String path, JarOutputStream entries) throws IOException {
    entries.putNextEntry(new JarEntry(path));
    copy(path, entries);
  }

  private static void copy(String path, OutputStream to) throws IOException {
    try (InputStream from = PaperProvider.class.getClassLoader().getResourceAsStream(path)) {
      if (from == null) {
        throw new IOException(path + " is not on the class path");
      }
      from.transferTo(to);
    }
  }

  enum Answer {
    CONFIRM,
    LATE,
    REFUSE,
    NOTHING,
    REJECT,
    DIE
  }

  record Paper(Answer answer) implements Broker {
    @Override
    public Ordering ordering() {
      return answer == Answer.LATE ? Ordering.ONE_AT_A_TIME : Ordering.PIPELINED;
    }

    @Override
    public String summary() {
      return "paper";
    }

    @Override
    public Future<Publisher> connect(Vertx vertx) {
      return answer == Answer.REFUSE
          ? Future.failedFuture(new PublishException.Fatal("the paper is locked away", null))
          : Future.succeededFuture(new PaperPublisher(answer, vertx));
    }

    @Override
    public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
      return Future.succeededFuture(List.of(Finding.ok("there is paper")));
    }
  }

  record PaperPublisher(Answer answer, Vertx vertx) implements Publisher {
    @Override
    public Future<Void> publish(OutboxEvent event) {
      String replay = event.headers().get(MessageHeaders.EVENT_REPLAY);
      System.out.println("on paper: " + event + (replay == null ? "" : " by replay " + replay));
      if (answer == Answer.DIE && event.eventType().equals("deadly")) {
        Runtime.getRuntime().halt(9);
      }
      if (answer == Answer.REJECT && event.eventType().equals("bad")) {
        throw new PublishException.Rejected("the paper is too small for " + event.seq(), null);
      }
      if (answer == Answer.LATE) {
        return vertx.timer(LATE_MILLIS, TimeUnit.MILLISECONDS);
      }
      return answer == Answer.NOTHING ? Promise.<Void>promise().future() : Future.succeededFuture();
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }
}
