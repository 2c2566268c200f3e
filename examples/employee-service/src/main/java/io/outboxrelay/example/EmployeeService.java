package io.outboxrelay.example;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service: creates its tables, consumes events and serves HTTP, on one event loop. */
final class EmployeeService extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(EmployeeService.class);
  private static final int CONNECTIONS = 16;

  /** Longer than an event can wait in the broker, so that every repeat is recognized. */
  private static final Duration REPEATS_UNTIL = Duration.ofDays(8);

  private static final long CLEAN_UP_MILLIS = Duration.ofHours(1).toMillis();

  private final ServiceConfig config;
  private @Nullable EventSource source;
  private @Nullable Pool pool;

  EmployeeService(ServiceConfig config) {
    this.config = config;
  }

  @Override
  public Future<?> start() {
    var connections =
        PgBuilder.pool()
            .connectingTo(config.connection())
            .with(new PoolOptions().setMaxSize(CONNECTIONS))
            .using(vertx)
            .build();
    var events = config.source(vertx);
    var directory = new EmployeeDirectory(connections, new ReadYourWritesWaiters(vertx));
    var api =
        new EmployeeApi(new Employees(connections), directory, new ConsistencyCheck(connections));
    pool = connections;
    source = events;
    return vertx
        .fileSystem()
        .readFile("schema.sql")
        .compose(schema -> connections.query(schema.toString()).execute())
        .compose(made -> directory.install())
        .compose(made -> events.start(directory::handle))
        .onSuccess(started -> vertx.setPeriodic(CLEAN_UP_MILLIS, fired -> cleanUp(directory)))
        .compose(started -> listen(api));
  }

  private Future<HttpServer> listen(EmployeeApi api) {
    return vertx
        .createHttpServer()
        .requestHandler(api.router(vertx))
        .listen(config.port(), "127.0.0.1")
        .onSuccess(server -> LOG.info("ready at http://127.0.0.1:{}/", server.actualPort()));
  }

  private static void cleanUp(EmployeeDirectory directory) {
    directory
        .inbox()
        .forgetOlderThan(REPEATS_UNTIL)
        .onFailure(
            failure ->
                LOG.warn(
                    "old entries of the inbox could not be deleted; the next clean-up tries again",
                    failure));
  }

  @Override
  public Future<?> stop() {
    var begin = source == null ? Future.<Void>succeededFuture() : source.close();
    return begin.eventually(() -> pool == null ? Future.succeededFuture() : pool.close());
  }
}
