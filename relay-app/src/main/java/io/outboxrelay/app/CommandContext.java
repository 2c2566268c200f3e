package io.outboxrelay.app;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.deadletter.OperationRefusedException;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.replay.ReplayRefusedException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.pgclient.PgConnection;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** The configuration of a command and its Vert.x, which is closed with the command. */
record CommandContext(Vertx vertx, AppConfig config) implements AutoCloseable {

  /**
   * Reads the configuration and creates the command's Vert.x. Throws if the configuration cannot be
   * read or has mistakes.
   *
   * @param conf the file; empty if the environment holds the configuration
   * @param registry receives the metrics of Vert.x
   */
  static CommandContext open(
      Optional<Path> conf, boolean verbose, Optional<PrometheusMeterRegistry> registry) {
    var vertx = newVertx(registry);
    try {
      var settings =
          conf.map(file -> ConfigFile.read(vertx, file))
              .orElseGet(() -> ConfigFile.readEnvironment(vertx))
              .await();
      var config = AppConfig.from(settings, BrokerProviders.found());
      (verbose ? config.observability().logging().verbose() : config.observability().logging())
          .start();
      return new CommandContext(vertx, config);
    } catch (RuntimeException e) {
      vertx.close().await();
      throw e;
    }
  }

  private static Vertx newVertx(Optional<PrometheusMeterRegistry> registry) {
    var files =
        new FileSystemOptions().setClassPathResolvingEnabled(false).setFileCachingEnabled(false);
    var options = new VertxOptions().setPreferNativeTransport(true).setFileSystemOptions(files);
    return registry
        .map(counting -> InstrumentedVertx.vertx(options, counting).build())
        .orElseGet(() -> Vertx.vertx(options));
  }

  /**
   * Runs {@code work} on a new connection. If the work is refused, fails with {@link
   * OperationRefusedException}, {@link ReplayRefusedException} or {@link
   * OutboxTable.IncompleteException}. After any other failure, fails with {@link
   * DatabaseException}.
   */
  <T> Future<T> connected(Function<PgConnection, Future<T>> work) {
    var database = Database.create(vertx, config.database());
    return database
        .connect()
        .compose(connection -> work.apply(connection).eventually(connection::close))
        .recover(failure -> Future.failedFuture(told(failure)))
        .eventually(database::close);
  }

  private Throwable told(Throwable failure) {
    return failure instanceof OperationRefusedException
            || failure instanceof ReplayRefusedException
            || failure instanceof OutboxTable.IncompleteException
        ? failure
        : DatabaseException.of(config.database(), failure);
  }

  @Override
  public void close() {
    vertx.close().await();
  }
}
