package io.outboxrelay.publish;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** A broker that answers each attempt to connect with the outcome that a test sets. */
public final class ScriptedBroker implements Broker {
  /** The answer to the next attempts. */
  public Future<Publisher> answer;

  public Ordering ordering = Ordering.PIPELINED;

  /** The destination of each event. */
  public Function<OutboxEvent, String> destinations = event -> "";

  private int attempts;

  public ScriptedBroker(Future<Publisher> answer) {
    this.answer = answer;
  }

  /** Returns the number of attempts to connect. */
  public int attempts() {
    return attempts;
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    attempts++;
    return answer;
  }

  @Override
  public Ordering ordering() {
    return ordering;
  }

  @Override
  public String destination(OutboxEvent event) {
    return destinations.apply(event);
  }

  @Override
  public String summary() {
    return "scripted";
  }

  @Override
  public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
    return Future.succeededFuture(List.of());
  }
}
