package io.outboxrelay.relay;

import io.outboxrelay.health.Health;
import io.outboxrelay.health.Health.Part;
import io.outboxrelay.health.SecondaryParts;
import io.outboxrelay.metrics.Hitch;
import io.outboxrelay.metrics.Meters;
import io.outboxrelay.metrics.ShardMeters;
import io.outboxrelay.verdict.Evidence;
import io.outboxrelay.verdict.Evidence.Ailment;
import io.outboxrelay.verdict.Evidence.Phase;
import io.outboxrelay.verdict.ShardFacts;
import io.outboxrelay.verdict.Sight;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How this relay gets on, by all that it knows: put together from what its parts note as they go,
 * on any thread, without asking any of them.
 */
final class Condition {
  /**
   * A stop of the whole machine is shorter, and so is a class that is loaded for the first time.
   */
  static final Duration SILENCE = Duration.ofSeconds(30);

  private final Crew crew;
  private final Observer observer;
  private final Meters meters;
  private final Phase phase;
  private final String self;
  private final SecondaryParts secondary;

  /**
   * @param self how this relay is named among others
   */
  Condition(
      Crew crew,
      Observer observer,
      Meters meters,
      Phase phase,
      String self,
      SecondaryParts secondary) {
    this.crew = crew;
    this.observer = observer;
    this.meters = meters;
    this.phase = phase;
    this.self = self;
    this.secondary = secondary;
  }

  /** What is known of how the relay gets on. */
  Evidence evidence() {
    var sessions = observer.sessions();
    return new Evidence(
        phase,
        database().map(Condition::ailment),
        shards(),
        sessions.waits(),
        sessions.open(),
        broker().map(Condition::ailment),
        mine().stream()
            .flatMap(shard -> meters.event(shard).stream())
            .findFirst()
            .map(Condition::ailment),
        closed(),
        seen().filter(this::isMine).mapToLong(Sight::parked).sum(),
        Optional.empty());
  }

  static Ailment ailment(Hitch hitch) {
    return new Ailment(hitch.what(), hitch.age());
  }

  /** That the observer sees nothing does not count: it may be one connection too many. */
  private Optional<Hitch> database() {
    return crew.trouble();
  }

  /** While it stands by, its publishers are connected all the same. */
  private Optional<Hitch> broker() {
    var shards = mine().isEmpty() ? List.of(0) : mine();
    return shards.stream().flatMap(shard -> meters.broker(shard).stream()).findFirst();
  }

  private List<Integer> mine() {
    return crew.owned();
  }

  private boolean isMine(Sight sight) {
    return mine().contains(sight.shard());
  }

  private Stream<Sight> seen() {
    return observer.latest().stream().flatMap(seen -> seen.shards().stream());
  }

  private Map<String, String> closed() {
    var closed = new LinkedHashMap<String, String>();
    mine().forEach(shard -> closed.putAll(meters.shard(shard).closed()));
    return closed;
  }

  /** Where the observer sees nothing, what is known of one's own shards by heart. */
  private List<ShardFacts> shards() {
    return observer.latest().isPresent()
        ? seen().map(this::facts).toList()
        : mine().stream().map(this::byHeart).toList();
  }

  private ShardFacts byHeart(int number) {
    var shard = meters.shard(number);
    return new ShardFacts(
        number,
        Optional.of(self),
        Optional.of(self),
        true,
        shard.readAhead(),
        shard.isFull(),
        Optional.empty(),
        quiet(shard, number),
        Optional.empty());
  }

  private ShardFacts facts(Sight sight) {
    var shard = meters.shard(sight.shard());
    boolean isMine = isMine(sight);
    return new ShardFacts(
        sight.shard(),
        isMine ? Optional.of(self) : sight.leader(),
        sight.owner(),
        isMine,
        isMine ? Math.max(sight.waiting(), shard.readAhead()) : sight.waiting(),
        sight.isMore(),
        sight.oldest(),
        isMine ? quiet(shard, sight.shard()) : Optional.empty(),
        observer.pace(sight.shard()));
  }

  /** Empty while it does not publish yet. */
  private Optional<Duration> quiet(ShardMeters shard, int number) {
    if (shard.ledSince() == 0) {
      return Optional.empty();
    }
    long now = System.nanoTime();
    long led = now - shard.ledSince();
    return Optional.of(
        Duration.ofNanos(
            meters
                .lastConfirmed(number)
                .map(confirmed -> Math.min(led, now - confirmed))
                .orElse(led)));
  }

  /** Whether a restart would help. */
  Health live() {
    var silence = meters.silence();
    boolean runs = silence.compareTo(SILENCE) < 0;
    return new Health(
        List.of(
            new Part(
                "event loops",
                runs,
                runs
                    ? "all run"
                    : "one has not run for %d s, so something blocks it; a restart ends that"
                        .formatted(silence.toSeconds()))));
  }

  /** Whether database and broker have both answered since the start. */
  Health started() {
    return new Health(List.of(start()));
  }

  private Part start() {
    boolean over = phase != Phase.STARTING;
    return new Part(
        "start",
        over,
        over ? "database and broker have answered" : "database or broker have not answered yet");
  }

  /** Whether it publishes, or would if it led. */
  Health ready() {
    var parts = new ArrayList<Part>();
    parts.add(start());
    parts.add(part("database", database(), "it answers"));
    parts.add(part("broker", broker(), "the publishers are connected"));
    parts.add(ownership());
    parts.add(doorbell());
    parts.addAll(secondary.parts());
    return new Health(parts);
  }

  private static Part part(String name, Optional<Hitch> trouble, String otherwise) {
    return new Part(
        name,
        trouble.isEmpty(),
        trouble
            .map(hitch -> "for %d s: %s".formatted(hitch.age().toSeconds(), hitch.what()))
            .orElse(otherwise));
  }

  private Part ownership() {
    if (phase == Phase.STOPPING) {
      return new Part("shards", false, "the relay is stopping");
    }
    var mine = mine();
    return new Part(
        "shards", true, mine.isEmpty() ? "it stands by" : leads(mine, crew.numbers().size()));
  }

  /** Such as {@code it leads shard 0 of 1} and {@code it leads 2 of 4 shards: 0, 3}. */
  static String leads(List<Integer> mine, int of) {
    String numbers = mine.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return mine.size() == 1
        ? "it leads shard " + numbers + " of " + of
        : "it leads " + mine.size() + " of " + of + " shards: " + numbers;
  }

  /** It polls where it hears nothing, so this is worth knowing and no reason to be replaced. */
  private Part doorbell() {
    boolean deaf = mine().stream().anyMatch(shard -> meters.shard(shard).isDeaf());
    return new Part(
        "doorbell", true, deaf ? "it is not heard; polling instead" : "nothing speaks against it");
  }
}
