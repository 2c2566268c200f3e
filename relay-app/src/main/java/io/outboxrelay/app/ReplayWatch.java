package io.outboxrelay.app;

import io.outboxrelay.json.ReplayJson;
import io.outboxrelay.replay.Replay;
import io.outboxrelay.replay.ReplayService;
import io.outboxrelay.replay.ReplayState;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;

/** Reports the progress of a replay until it ends. */
final class ReplayWatch {
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final ReplayCommand replays;
  private final CommandOutput output;

  ReplayWatch(ReplayCommand replays, CommandOutput output) {
    this.replays = replays;
    this.output = output;
  }

  /** Watches the replay; returns {@link ExitCode#OK} only if all its events were sent. */
  int watch(Replay replay) {
    try (var session = replays.session()) {
      var last = replay;
      say(last);
      while (last.state().isOpen()) {
        pause(session.vertx());
        var now = look(session, last.id());
        if (!now.equals(last)) {
          say(now);
        }
        last = now;
      }
      return (last.state() == ReplayState.DONE ? ExitCode.OK : ExitCode.REFUSED).number();
    }
  }

  private void say(Replay replay) {
    output.write(replays.out(), ReplayJson.of(replay), () -> ReplayCommand.line(replay));
  }

  private static Replay look(CommandContext session, long id) {
    var config = session.config();
    var names = config.relay().outbox().names();
    return session
        .connected(connection -> new ReplayService(connection, names, config.broker()).show(id))
        .await();
  }

  private static void pause(Vertx vertx) {
    Promise<Void> over = Promise.promise();
    vertx.setTimer(EVERY.toMillis(), fired -> over.complete());
    over.future().await();
  }
}
