// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.bridge;

import com.trackunit.fabric.bridge.ErrorPolicy;
import com.trackunit.fabric.bridge.KafkaLogin;
import com.trackunit.fabric.bridge.KafkaSettings;
import com.trackunit.fabric.bridge.Route;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.samples.contracts.Wire;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the service is to do, from one YAML file in the form of {@code bridge.schema.json}.
 * Immutable; shows no secret.
 */
record BridgeConfiguration(
    String name,
    RabbitSettings rabbit,
    KafkaSettings kafka,
    List<String> fanouts,
    List<Route> routes) {

  /** What was read: a configuration, or every mistake. */
  record Result(Optional<BridgeConfiguration> configuration, List<String> mistakes) {}

  BridgeConfiguration {
    fanouts = List.copyOf(fanouts);
    routes = List.copyOf(routes);
  }

  /**
   * Reads a file.
   *
   * @param file what to call it in mistakes
   * @param text what is in it
   * @param variables the value of a variable, or null
   */
  static Result read(String file, String text, UnaryOperator<@Nullable String> variables) {
    CheckedYaml yaml = new CheckedYaml(file, variables);
    Section root = yaml.read(text, Schema.load("bridge.schema.json"));
    List<Section> routes = root.list("routes", Section.class);
    contradictions(yaml, root, routes);
    if (!yaml.mistakes().isEmpty()) {
      return new Result(Optional.empty(), yaml.mistakes());
    }
    try {
      return new Result(
          Optional.of(
              new BridgeConfiguration(
                  root.text("name").orElse(Wire.Services.MESSAGING_BRIDGE),
                  rabbit(root.section("rabbit")),
                  kafka(root.section("kafka")),
                  root.list("declareFanouts", String.class),
                  routes.stream().map(BridgeConfiguration::route).toList())),
          List.of());
    } catch (IllegalArgumentException e) {
      // A rule of the library's own, such as PLAIN without TLS.
      yaml.mistake(root.line(), String.valueOf(e.getMessage()));
      return new Result(Optional.empty(), yaml.mistakes());
    }
  }

  // ---- what no schema can say -------------------------------------------------------------------

  private static void contradictions(CheckedYaml yaml, Section root, List<Section> routes) {
    Section login = root.section("kafka").section("login");
    if (login.text("user").isPresent() != login.secret("password").isPresent()
        && login.has("user")) {
      yaml.mistake(
          login.line(),
          "kafka.login: user and password belong together (by default KAFKA_SASL_USERNAME and"
              + " KAFKA_SASL_PASSWORD): set both or neither");
    }
    Map<String, Integer> names = new HashMap<>();
    Map<String, Integer> queues = new HashMap<>();
    Map<String, Integer> ways = new HashMap<>();
    for (Section route : routes) {
      contradictions(yaml, route);
      String source = source(route.section("from"));
      String way = source + "-to-" + target(route.section("to"));
      Integer sameName = names.putIfAbsent(route.text("name").orElse(way), route.line());
      Integer sameWay = ways.putIfAbsent(way, route.line());
      Integer sameQueue =
          route
              .section("from")
              .text("queue")
              .map(q -> queues.putIfAbsent(q, route.line()))
              .orElse(null);
      if (sameWay != null) {
        yaml.mistake(
            route.line(),
            "goes the way of the route in line "
                + sameWay
                + ": "
                + way
                + " would move everything twice");
      } else if (sameName != null) {
        yaml.mistake(
            route.line(),
            "has the name of the route in line "
                + sameName
                + ", and would share its consumer group");
      } else if (sameQueue != null) {
        yaml.mistake(
            route.line(),
            "reads the queue of the route in line " + sameQueue + ": each would get a part of it");
      }
    }
  }

  private static void contradictions(CheckedYaml yaml, Section route) {
    Section to = route.section("to");
    Section from = route.section("from");
    boolean fromQueue = from.has("queue");
    if (!from.values().isEmpty() && !to.values().isEmpty() && fromQueue == to.has("exchange")) {
      yaml.mistake(
          route.line(),
          fromQueue
              ? "goes from a queue to an exchange, expected a topic"
              : "goes from topics to a topic, expected an exchange");
    }
    boolean effectivelyOnce = "effectivelyOnce".equals(route.text("guarantee").orElse(""));
    if (effectivelyOnce && !fromQueue) {
      yaml.mistake(
          route.line(),
          "is effectivelyOnce and not from a queue: RabbitMQ has no transactions"
              + " with Kafka's offsets");
    }
    if (fromQueue && route.number("concurrency").orElse(1L) > 1) {
      yaml.mistake(
          route.line(),
          "has concurrency and a queue, which keeps its order only with one consumer");
    }
    if (route.has("missingIds") && !effectivelyOnce) {
      yaml.mistake(route.line(), "has missingIds, which belongs to effectivelyOnce");
    }
    if (route.isOn("strictOrder") && route.section("inFlight").number("count").orElse(1L) > 1) {
      yaml.mistake(route.line(), "is strictOrder and has inFlight.count above 1");
    }
    Section onError = route.section("onError");
    boolean deadLetters = "deadLetter".equals(onError.text("action").orElse(""));
    if (onError.has("action") && deadLetters != onError.has("to")) {
      yaml.mistake(
          onError.line(),
          deadLetters
              ? "onError.action is deadLetter and lacks to"
              : "onError.to belongs to action deadLetter");
    }
    String deadLetterTarget = onError.text("to").orElse("");
    if (fromQueue && deadLetterTarget.equals(to.text("topic").orElse("?"))) {
      yaml.mistake(onError.line(), "onError.to is the topic that the route itself goes to");
    }
  }

  private static String source(Section from) {
    return from.text("topic")
        .or(() -> from.text("topicPattern"))
        .or(() -> from.text("queue"))
        .orElseGet(() -> String.join("+", from.list("topics", String.class)));
  }

  private static String target(Section to) {
    return to.text("exchange").or(() -> to.text("topic")).orElse("");
  }

  // ---- what it means ----------------------------------------------------------------------------

  private static RabbitSettings rabbit(Section rabbit) {
    return RabbitSettings.builder(
            rabbit.text("host").orElseThrow(),
            rabbit.text("user").orElseThrow(),
            rabbit.secret("password").orElseThrow())
        .port(rabbit.number("port").orElse(5672L).intValue())
        .virtualHost(rabbit.text("virtualHost").orElse("/"))
        .connectionName(Wire.Services.MESSAGING_BRIDGE)
        .build();
  }

  private static KafkaSettings kafka(Section section) {
    KafkaSettings.Builder kafka =
        KafkaSettings.builder(section.text("brokers").orElseThrow())
            .clientId(section.text("clientId").orElse(Wire.Services.MESSAGING_BRIDGE));
    Section login = section.section("login");
    Optional<Secret> password = login.secret("password");
    if (password.isPresent()) {
      String mechanism = login.text("mechanism").orElse("SCRAM-SHA-256");
      kafka.login(
          new KafkaLogin(
              Arrays.stream(KafkaLogin.Mechanism.values())
                  .filter(known -> known.wireName().equals(mechanism))
                  .findFirst()
                  .orElseThrow(),
              login.text("user").orElseThrow(),
              password.get()));
    }
    if (section.text("tls").orElse("off").equals("on")) {
      kafka.tls();
    }
    section.text("trustedCertificates").map(Path::of).ifPresent(kafka::tls);
    return kafka.build();
  }

  private static Route route(Section section) {
    Route route = way(section.section("from"), section.section("to"));
    List<Route> changed = new ArrayList<>(List.of(route));
    UnaryOperator<Route> none = UnaryOperator.identity();
    List<UnaryOperator<Route>> changes =
        List.of(
            section.text("name").<UnaryOperator<Route>>map(n -> r -> r.named(n)).orElse(none),
            r ->
                r.inFlight(
                    section
                        .section("inFlight")
                        .number("count")
                        .map(Long::intValue)
                        .orElse(r.inFlightCount()),
                    section.section("inFlight").number("bytes").orElse(r.inFlightBytes())),
            section.isOn("strictOrder") ? Route::strictOrder : none,
            section
                .number("concurrency")
                .<UnaryOperator<Route>>map(workers -> r -> r.concurrency(workers.intValue()))
                .orElse(none),
            section.isOn("cloudEvents") ? Route::cloudEvents : none,
            guarantee(section),
            onError(section.section("onError")),
            section
                .text("keyedByHeader")
                .<UnaryOperator<Route>>map(h -> r -> r.keyedByHeader(h))
                .orElse(none),
            onlyWith(section.section("onlyWithHeader")),
            section
                .number("maxHops")
                .<UnaryOperator<Route>>map(hops -> r -> r.maxHops(hops.intValue()))
                .orElse(none));
    changes.forEach(change -> changed.set(0, change.apply(changed.get(0))));
    return changed.get(0);
  }

  private static Route way(Section from, Section to) {
    Optional<String> queue = from.text("queue");
    if (queue.isPresent()) {
      return Route.fromQueue(queue.get()).toTopic(to.text("topic").orElseThrow());
    }
    Route.FromTopic topics =
        from.text("topicPattern")
            .map(pattern -> Route.fromTopics(Pattern.compile(pattern)))
            .orElseGet(
                () ->
                    Route.fromTopics(
                        from.text("topic")
                            .map(List::of)
                            .orElseGet(() -> from.list("topics", String.class))));
    return topics.toExchange(to.text("exchange").orElseThrow());
  }

  private static UnaryOperator<Route> guarantee(Section section) {
    if (!section.text("guarantee").orElse("").equals("effectivelyOnce")) {
      return UnaryOperator.identity();
    }
    boolean refuses = section.text("missingIds").orElse("pass").equals("refuse");
    return route ->
        route.effectivelyOnce(refuses ? Route.MissingIds.REFUSE : Route.MissingIds.PASS);
  }

  private static UnaryOperator<Route> onError(Section section) {
    ErrorPolicy policy =
        switch (section.text("action").orElse("stop")) {
          case "skip" -> ErrorPolicy.skip();
          case "deadLetter" -> ErrorPolicy.deadLetterTo(section.text("to").orElseThrow());
          default -> ErrorPolicy.stop();
        };
    int attempts =
        section.number("attempts").map(Long::intValue).orElse(ErrorPolicy.DEFAULT_ATTEMPTS);
    return route -> route.onError(policy.afterAttempts(attempts));
  }

  private static UnaryOperator<Route> onlyWith(Section section) {
    Optional<String> header = section.text("name");
    if (header.isEmpty()) {
      return UnaryOperator.identity();
    }
    String value = section.text("value").orElse("");
    return route -> route.filter(message -> message.header(header.get()).orElse("").equals(value));
  }
}
