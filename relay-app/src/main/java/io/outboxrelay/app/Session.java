package io.outboxrelay.app;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.deadletter.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.pgclient.PgConnection;
import java.nio.file.Path;
import java.util.function.Function;
import org.slf4j.event.Level;

/** What a command works with: the configuration, and the Vert.x that ends with it. */
record Session(Vertx vertx, AppConfig config) implements AutoCloseable {

  /** Reads the configuration; throws where it cannot be read or has mistakes. */
  static Session open(Path conf, boolean verbose) {
    var vertx = newVertx();
    try {
      var settings = ConfigFile.read(vertx, conf).await();
      var config = AppConfig.from(settings, Brokers.found());
      Logging.setLevel(verbose ? Level.DEBUG : config.logLevel());
      return new Session(vertx, config);
    } catch (RuntimeException e) {
      vertx.close().await();
      throw e;
    }
  }

  private static Vertx newVertx() {
    var files =
        new FileSystemOptions().setClassPathResolvingEnabled(false).setFileCachingEnabled(false);
    return Vertx.vertx(
        new VertxOptions().setPreferNativeTransport(true).setFileSystemOptions(files));
  }

  /**
   * Uses a connection of its own for {@code work}; fails as {@link DatabaseException}, or with the
   * {@link RefusedException} of the work.
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
    return failure instanceof RefusedException
        ? failure
        : DatabaseException.of(config.database(), failure);
  }

  @Override
  public void close() {
    vertx.close().await();
  }
}
