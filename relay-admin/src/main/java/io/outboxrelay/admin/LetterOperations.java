package io.outboxrelay.admin;

import io.outboxrelay.deadletter.Desk;
import io.outboxrelay.deadletter.Edit;
import io.outboxrelay.deadletter.Selection;
import io.outboxrelay.deadletter.Selection.Others;
import io.outboxrelay.deadletter.Shown;
import io.outboxrelay.deadletter.Tally;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.report.DeadLetterReport;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Looks at dead letters, and has them changed. */
final class LetterOperations {
  private final Visits visits;
  private final OutboxNames names;

  LetterOperations(Visits visits, OutboxNames names) {
    this.visits = visits;
    this.names = names;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("listDeadLetters", this::list);
    operations.put("getDeadLetter", this::show);
    operations.put("editDeadLetter", this::edit);
    operations.put("retryDeadLetters", asked -> change(asked, Desk::retry, Tally::retried));
    operations.put("discardDeadLetters", asked -> change(asked, Desk::discard, Tally::discarded));
    operations.put("listParked", this::parked);
  }

  private <T> Future<T> at(Asked asked, Function<Desk, Future<T>> work) {
    return visits.visit(connection -> work.apply(new Desk(connection, names, asked.author())));
  }

  /** The filters of a list. */
  static Selection selection(Asked asked, @Nullable String state) {
    return new Selection(
        List.of(),
        asked.text("aggregate"),
        asked.text("type"),
        asked.text("destination"),
        asked.text("reason"),
        asked.time("since"),
        asked.time("until"),
        others(asked.flag("includingBlocked"), asked.flag("includingDeferred"), state));
  }

  private Future<Answer> list(Asked asked) {
    String state = asked.text("state");
    var selection = selection(asked, state);
    return at(
        asked,
        desk ->
            Future.all(
                    desk.page(selection, state, after(asked), asked.limit()),
                    desk.standing(Desk.LISTED))
                .map(
                    read ->
                        Answer.of(
                            DeadLetterReport.page(
                                read.resultAt(0), asked.limit(), read.resultAt(1)))));
  }

  /** A state that is asked for is included. */
  private static Others others(boolean blocked, boolean deferred, @Nullable String state) {
    boolean rejected = state == null || state.equals("rejected") || state.equals("retried");
    return rejected ? new Others(blocked, deferred) : Others.ALL;
  }

  private static long after(Asked asked) {
    Long after = asked.number("after");
    return after == null ? Long.MIN_VALUE : after;
  }

  private Future<Answer> parked(Asked asked) {
    return at(asked, desk -> desk.parked(after(asked), asked.limit()))
        .map(page -> Answer.of(DeadLetterReport.parked(page, asked.limit())));
  }

  private Future<Answer> show(Asked asked) {
    return at(asked, desk -> show(desk, asked.pathNumber("seq")));
  }

  /** Whoever only looks is told that it is not there, and not that somebody was faster. */
  private static Future<Answer> show(Desk desk, long seq) {
    return desk.show(seq).map(LetterOperations::shown).recover(Refusal::ofAbsence);
  }

  private static Answer shown(Shown shown) {
    return new Answer(200, DeadLetterReport.shown(shown), shown.version());
  }

  private Future<Answer> edit(Asked asked) {
    long seq = asked.pathNumber("seq");
    var body = asked.body();
    String version = version(asked.header("If-Match"));
    return at(
        asked,
        desk ->
            desk.show(seq)
                .map(shown -> edit(body, shown.type()))
                .compose(
                    edit ->
                        edit.isNothing()
                            ? Future.<Void>succeededFuture()
                            : desk.edit(seq, edit, version))
                .compose(
                    edited ->
                        body.getBoolean("retry", false) ? retried(desk, seq) : show(desk, seq)));
  }

  /** It is done; the relay may be through with it before it is looked at again. */
  private Future<Answer> retried(Desk desk, long seq) {
    return show(desk, seq)
        .compose(
            before ->
                desk.retry(Selection.of(seq), false)
                    .compose(this::unlessBusy)
                    .compose(retried -> show(desk, seq).otherwise(before)));
  }

  private static String version(@Nullable String match) {
    if (match == null || !match.matches("\"\\d+\"")) {
      throw new Refusal(
          400, "If-Match must be the version that was shown, in quotes; nothing was changed");
    }
    return match.substring(1, match.length() - 1);
  }

  private static Edit edit(JsonObject body, PayloadType type) {
    var set = new LinkedHashMap<String, String>();
    var removed = new ArrayList<String>();
    body.getJsonObject("headers", new JsonObject())
        .forEach(
            header -> {
              if (header.getValue() == null) {
                removed.add(header.getKey());
              } else {
                set.put(header.getKey(), header.getValue().toString());
              }
            });
    String id = body.getString("id");
    return new Edit(
        id == null ? null : uuid(id),
        body.getString("aggregateType"),
        body.getString("aggregateId"),
        body.getString("eventType"),
        payload(body.getString("payload"), type),
        body.containsKey("payload") && body.getValue("payload") == null,
        set,
        removed);
  }

  static UUID uuid(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new Refusal(400, "id is '" + text + "', which is no UUID; nothing was changed");
    }
  }

  private static @Nullable Buffer payload(@Nullable String payload, PayloadType type) {
    if (payload == null) {
      return null;
    }
    if (type != PayloadType.BYTEA) {
      return Buffer.buffer(payload);
    }
    try {
      return Buffer.buffer(Base64.getDecoder().decode(payload));
    } catch (IllegalArgumentException e) {
      throw new Refusal(
          400, "payload must be written in base64, as its column holds bytes; nothing was changed");
    }
  }

  private interface Deed {
    Future<Tally> of(Desk desk, Selection selection, boolean dryRun);
  }

  /** What a tally says in words, of a dry run or of the deed. */
  private interface Wording {
    String of(Tally tally, boolean dryRun);
  }

  private Future<Answer> change(Asked asked, Deed deed, Wording wording) {
    var body = asked.body();
    var selection = selection(body.getJsonObject("selection"));
    boolean dryRun = body.getBoolean("dryRun", false);
    return at(
        asked,
        desk ->
            deed.of(desk, selection, dryRun)
                .compose(
                    tally ->
                        selection.seqs().isEmpty() || dryRun
                            ? Future.succeededFuture(tally)
                            : unlessBusy(tally))
                .map(
                    tally ->
                        Answer.of(
                            DeadLetterReport.changed(tally, dryRun, wording.of(tally, dryRun)))));
  }

  /** Who means certain letters, and comes too late for all of them, is told so. */
  private Future<Tally> unlessBusy(Tally tally) {
    return tally.done() == 0 && tally.busy() > 0
        ? Future.failedFuture(
            new Refusal(
                409,
                "dead letter "
                    + tally.some().get(0)
                    + " is being retried already; nothing was changed. See what comes of that"))
        : Future.succeededFuture(tally);
  }

  private static Selection selection(JsonObject given) {
    var seqs = new ArrayList<Long>();
    given
        .getJsonArray("seqs", new JsonArray())
        .forEach(seq -> seqs.add(((Number) seq).longValue()));
    var selection =
        new Selection(
            seqs,
            given.getString("aggregate"),
            given.getString("type"),
            given.getString("destination"),
            given.getString("reason"),
            Asked.time("since", given.getString("since")),
            Asked.time("until", given.getString("until")),
            new Others(
                given.getBoolean("includingBlocked", false),
                given.getBoolean("includingDeferred", false)));
    if (selection.isEverything() != given.getBoolean("all", false)) {
      throw new Refusal(
          400,
          selection.isEverything()
              ? "which dead letters? Name seqs, a filter such as aggregate, or all; nothing was"
                  + " done"
              : "all is there beside a choice of some; leave one of them out. Nothing was done");
    }
    return selection;
  }
}
