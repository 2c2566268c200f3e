package io.outboxrelay.admin;

import io.outboxrelay.deadletter.BulkResult;
import io.outboxrelay.deadletter.DeadLetterCommands;
import io.outboxrelay.deadletter.DeadLetterDetails;
import io.outboxrelay.deadletter.DeadLetterEdit;
import io.outboxrelay.deadletter.DeadLetterFilter;
import io.outboxrelay.deadletter.DeadLetterFilter.Others;
import io.outboxrelay.deadletter.DeadLetterQueries;
import io.outboxrelay.json.DeadLetterJson;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.PayloadType;
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

/** The API operations that list, show, edit, retry and discard dead letters. */
final class DeadLetterOperations {
  private final AdminConnections adminConnections;
  private final OutboxNames names;

  DeadLetterOperations(AdminConnections adminConnections, OutboxNames names) {
    this.adminConnections = adminConnections;
    this.names = names;
  }

  void addTo(Map<String, ApiOperation> operations) {
    operations.put("listDeadLetters", this::list);
    operations.put("getDeadLetter", this::show);
    operations.put("editDeadLetter", this::edit);
    operations.put(
        "retryDeadLetters", asked -> change(asked, DeadLetterCommands::retry, BulkResult::retried));
    operations.put(
        "discardDeadLetters",
        asked -> change(asked, DeadLetterCommands::discard, BulkResult::discarded));
    operations.put("listParked", this::parked);
  }

  private <T> Future<T> at(ApiRequest asked, Function<DeadLetterCommands, Future<T>> work) {
    return adminConnections.visit(
        connection -> work.apply(new DeadLetterCommands(connection, names, asked.author())));
  }

  /** Returns the filter that a request's parameters describe. */
  static DeadLetterFilter selection(ApiRequest asked, @Nullable String state) {
    return new DeadLetterFilter(
        List.of(),
        asked.text("aggregate"),
        asked.text("type"),
        new DeadLetterFilter.LastRejection(
            asked.text("destination"),
            asked.text("reason"),
            asked.time("since"),
            asked.time("until")),
        others(asked.flag("includingBlocked"), asked.flag("includingDeferred"), state));
  }

  private Future<ApiResponse> list(ApiRequest asked) {
    String state = asked.text("state");
    var selection = selection(asked, state);
    return at(
        asked,
        commands ->
            Future.all(
                    commands.queries().page(selection, state, after(asked), asked.limit()),
                    commands.queries().stats(DeadLetterQueries.LISTED))
                .map(
                    read ->
                        ApiResponse.of(
                            DeadLetterJson.page(
                                read.resultAt(0), asked.limit(), read.resultAt(1)))));
  }

  /**
   * Returns which other events a list contains besides rejected ones: those that the parameters
   * include, and those of the requested state.
   */
  private static Others others(boolean blocked, boolean deferred, @Nullable String state) {
    boolean rejected = state == null || state.equals("rejected") || state.equals("retried");
    return rejected ? new Others(blocked, deferred) : Others.ALL;
  }

  private static long after(ApiRequest asked) {
    Long after = asked.number("after");
    return after == null ? Long.MIN_VALUE : after;
  }

  private Future<ApiResponse> parked(ApiRequest asked) {
    return at(asked, commands -> commands.queries().parked(after(asked), asked.limit()))
        .map(page -> ApiResponse.of(DeadLetterJson.parked(page, asked.limit())));
  }

  private Future<ApiResponse> show(ApiRequest asked) {
    return at(asked, commands -> show(commands.queries(), asked.pathNumber("seq")));
  }

  /**
   * Shows a dead letter. If it does not exist, the status is 404, and not 409 as for a refused
   * change.
   */
  private static Future<ApiResponse> show(DeadLetterQueries queries, long seq) {
    return queries.show(seq).map(DeadLetterOperations::shown).recover(ApiException::ofAbsence);
  }

  private static ApiResponse shown(DeadLetterDetails shown) {
    return new ApiResponse(200, DeadLetterJson.shown(shown), shown.version());
  }

  private Future<ApiResponse> edit(ApiRequest asked) {
    long seq = asked.pathNumber("seq");
    var body = asked.body();
    String version = version(asked.header("If-Match"));
    return at(
        asked,
        commands ->
            commands
                .queries()
                .show(seq)
                .map(shown -> edit(body, shown.stored().content().source().type()))
                .compose(
                    edit ->
                        edit.isNothing()
                            ? Future.<Void>succeededFuture()
                            : commands.edit(seq, edit, version))
                .compose(
                    edited ->
                        body.getBoolean("retry", false)
                            ? retried(commands, seq)
                            : show(commands.queries(), seq)));
  }

  /**
   * Retries the dead letter and shows it. If the relay publishes the dead letter before it can be
   * read for the answer, the answer shows its state before the retry.
   */
  private Future<ApiResponse> retried(DeadLetterCommands commands, long seq) {
    return show(commands.queries(), seq)
        .compose(
            before ->
                commands
                    .retry(DeadLetterFilter.of(seq), false)
                    .compose(this::unlessBusy)
                    .compose(retried -> show(commands.queries(), seq).otherwise(before)));
  }

  private static String version(@Nullable String match) {
    if (match == null || !match.matches("\"\\d+\"")) {
      throw new ApiException(
          400, "If-Match must be the version that was shown, in quotes; nothing was changed");
    }
    return match.substring(1, match.length() - 1);
  }

  private static DeadLetterEdit edit(JsonObject body, PayloadType type) {
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
    return new DeadLetterEdit(
        id == null ? null : uuid(id),
        body.getString("aggregateType"),
        body.getString("aggregateId"),
        body.getString("eventType"),
        body.containsKey("payload")
            ? new DeadLetterEdit.NewPayload(payload(body.getString("payload"), type))
            : null,
        new DeadLetterEdit.HeaderChanges(set, removed));
  }

  static UUID uuid(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new ApiException(400, "id is '" + text + "', which is not a UUID; nothing was changed");
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
      throw new ApiException(
          400, "payload must be written in base64, as its column holds bytes; nothing was changed");
    }
  }

  private interface BulkCommand {
    Future<BulkResult> of(DeadLetterCommands commands, DeadLetterFilter selection, boolean dryRun);
  }

  /** Writes the sentence about the result of an operation. */
  private interface Wording {
    String of(BulkResult bulkResult, boolean dryRun);
  }

  private Future<ApiResponse> change(ApiRequest asked, BulkCommand command, Wording wording) {
    var body = asked.body();
    var selection = selection(body.getJsonObject("selection"));
    boolean dryRun = body.getBoolean("dryRun", false);
    return at(
        asked,
        commands ->
            command
                .of(commands, selection, dryRun)
                .compose(
                    bulkResult ->
                        selection.seqs().isEmpty() || dryRun
                            ? Future.succeededFuture(bulkResult)
                            : unlessBusy(bulkResult))
                .map(
                    bulkResult ->
                        ApiResponse.of(
                            DeadLetterJson.changed(
                                bulkResult, dryRun, wording.of(bulkResult, dryRun)))));
  }

  /**
   * Fails with the status 409 if nothing was changed because all chosen events are being retried
   * already; otherwise completes with the result.
   */
  private Future<BulkResult> unlessBusy(BulkResult bulkResult) {
    return bulkResult.done() == 0 && bulkResult.busy().count() > 0
        ? Future.failedFuture(
            new ApiException(
                409,
                "dead letter "
                    + bulkResult.busy().some().get(0)
                    + " is being retried already; nothing was changed. Wait for the outcome"))
        : Future.succeededFuture(bulkResult);
  }

  private static DeadLetterFilter selection(JsonObject given) {
    var seqs = new ArrayList<Long>();
    given
        .getJsonArray("seqs", new JsonArray())
        .forEach(seq -> seqs.add(((Number) seq).longValue()));
    var selection =
        new DeadLetterFilter(
            seqs,
            given.getString("aggregate"),
            given.getString("type"),
            new DeadLetterFilter.LastRejection(
                given.getString("destination"),
                given.getString("reason"),
                ApiRequest.time("since", given.getString("since")),
                ApiRequest.time("until", given.getString("until"))),
            new Others(
                given.getBoolean("includingBlocked", false),
                given.getBoolean("includingDeferred", false)));
    if (selection.isEverything() != given.getBoolean("all", false)) {
      throw new ApiException(
          400,
          selection.isEverything()
              ? "no dead letters are chosen: name seqs, a filter such as aggregate, or all; nothing"
                  + " was done"
              : "all and a filter are both given; leave one of them out. Nothing was done");
    }
    return selection;
  }
}
