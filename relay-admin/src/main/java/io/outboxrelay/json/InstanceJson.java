package io.outboxrelay.json;

import io.outboxrelay.membership.RelayInstance;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.OptionalInt;

/** Writes the running relay instances as JSON. */
public final class InstanceJson {
  private InstanceJson() {}

  /**
   * Writes the instances.
   *
   * @param answers the name of the relay that answers the request, or of the user that runs the
   *     command
   * @param number the number of the relay that answers; empty if no relay answers
   */
  public static JsonObject of(List<RelayInstance> instances, String answers, OptionalInt number) {
    var items = new JsonArray();
    for (var instance : instances) {
      boolean mine = number.isPresent() && number.getAsInt() == instance.number();
      items.add(
          new JsonObject()
              .put("number", instance.number())
              .put("name", mine ? answers : instance.name())
              .put("self", mine)
              .put("address", instance.address())
              .put("connectedAt", JsonFormat.time(instance.connectedAt()))
              .put("shards", new JsonArray(instance.shards())));
    }
    return new JsonObject().put("answeredBy", answers).put("items", items);
  }
}
