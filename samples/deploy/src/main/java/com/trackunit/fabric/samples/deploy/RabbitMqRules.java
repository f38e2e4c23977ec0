// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * RabbitMQ is told what the system's table says, {@code rabbitmq.yaml}, and each of its users may
 * do that and no more.
 */
final class RabbitMqRules implements Rule {
  private static final String RULE = "rabbitmq";

  /** No service of ours has to do with these. */
  private static final List<String> FOREIGN =
      List.of(
          "amq.default",
          "amq.topic",
          "x",
          "analysis",
          "orchestrator",
          "tu.image.uploaded.more",
          "my.tu.image.uploaded");

  private static final Set<String> DEFINED =
      new TreeSet<>(Set.of("vhosts", "permissions", "exchanges", "queues", "bindings"));

  private static final Set<String> QUEUE_ARGUMENTS =
      Set.of(
          "x-queue-type",
          "x-delivery-limit",
          "x-dead-letter-exchange",
          "x-dead-letter-routing-key",
          "x-max-age");

  private final JsonNode expected = Resources.yaml("rabbitmq.yaml");

  @Override
  public Stream<Finding> check(Overlay overlay) {
    List<Finding> findings = new ArrayList<>();
    List<Manifest> maps =
        overlay
            .ofKind("ConfigMap")
            .filter(map -> map.tree().path("data").has("10-fabric.json"))
            .toList();
    if (maps.size() != 1) {
      findings.add(
          new Finding(overlay.name(), RULE, "has " + maps.size() + " files 10-fabric.json"));
    }
    for (Manifest map : maps) {
      JsonNode data = map.tree().path("data");
      List<String> sentences = new ArrayList<>();
      definitions(Manifests.tree(map.id(), data.path("10-fabric.json").asText()), sentences);
      differ("rabbitmq.conf", config(data.path("rabbitmq.conf").asText()), "config", sentences);
      if (!data.path("enabled_plugins").asText().strip().equals("[].")) {
        sentences.add("enables plugins, which open ports");
      }
      sentences.forEach(sentence -> findings.add(overlay.finding(map, RULE, sentence)));
    }
    return findings.stream();
  }

  private void definitions(JsonNode definitions, List<String> sentences) {
    if (definitions.has("users")) {
      sentences.add("has users, with their passwords: they belong into the secret");
    }
    for (String what : List.of("exchanges", "queues", "bindings", "permissions")) {
      for (JsonNode one : definitions.path(what)) {
        if (!one.path("vhost").asText().equals("/")
            || (one.has("auto_delete") && one.path("auto_delete").asBoolean())
            || (one.has("durable") && !one.path("durable").asBoolean())) {
          sentences.add("has something in " + what + " that is not for good and in /: " + one);
        }
      }
    }
    JsonNode vhosts = definitions.path("vhosts");
    if (vhosts.size() != 1 || !vhosts.path(0).path("name").asText().equals("/")) {
      sentences.add("makes the virtual hosts " + vhosts + ", expected /");
    }
    additions(definitions, sentences);
    differ(
        "exchanges", map(definitions.path("exchanges"), "name", "/type"), "exchanges", sentences);
    differ(
        "queues",
        map(definitions.path("queues"), "name", "/arguments/x-queue-type"),
        "queues",
        sentences);
    Map<String, String> bindings = new TreeMap<>();
    for (JsonNode one : definitions.path("bindings")) {
      bindings.put(
          one.path("source").asText() + " to " + one.path("destination").asText(),
          one.path("routing_key").asText("missing"));
    }
    differ("bindings", bindings, "bindings", sentences);
    deadLetters(definitions, sentences);
    permissions(definitions.path("permissions"), sentences);
  }

  /** Policies, shovels and arguments can take messages away, whatever else is as it should be. */
  private static void additions(JsonNode definitions, List<String> sentences) {
    definitions
        .fieldNames()
        .forEachRemaining(
            field -> {
              if (!DEFINED.contains(field) && !field.equals("users")) {
                sentences.add("has " + field + ", expected only " + DEFINED);
              }
            });
    for (JsonNode exchange : definitions.path("exchanges")) {
      if (exchange.path("internal").asBoolean() || !exchange.path("arguments").isEmpty()) {
        sentences.add("has an exchange that is internal or has arguments: " + exchange);
      }
    }
    for (JsonNode binding : definitions.path("bindings")) {
      if (!binding.path("destination_type").asText().equals("queue")
          || !binding.path("arguments").isEmpty()) {
        sentences.add("binds other than to a queue, or with arguments: " + binding);
      }
    }
    for (JsonNode queue : definitions.path("queues")) {
      Set<String> arguments = new TreeSet<>();
      queue.path("arguments").fieldNames().forEachRemaining(arguments::add);
      arguments.removeAll(QUEUE_ARGUMENTS);
      if (!arguments.isEmpty()) {
        sentences.add("queue " + queue.path("name").asText() + " has " + arguments);
      }
    }
  }

  private void deadLetters(JsonNode definitions, List<String> sentences) {
    String dead = expected.path("deadLetters").asText();
    for (JsonNode queue : definitions.path("queues")) {
      String name = queue.path("name").asText();
      JsonNode arguments = queue.path("arguments");
      boolean keepsLetters =
          arguments.path("x-dead-letter-exchange").asText("none").isEmpty()
              && arguments.path("x-dead-letter-routing-key").asText().equals(dead)
              && arguments.path("x-delivery-limit").asInt() > 0;
      boolean isConsumed = arguments.path("x-queue-type").asText().equals("quorum");
      if (isConsumed && !name.equals(dead) && !keepsLetters) {
        sentences.add("queue " + name + " does not set aside in " + dead + " what fails");
      }
      if (!isConsumed && !arguments.has("x-max-age")) {
        sentences.add("stream " + name + " keeps everything for ever");
      }
    }
  }

  private void permissions(JsonNode given, List<String> sentences) {
    Set<String> names = new TreeSet<>(FOREIGN);
    expected.path("exchanges").fieldNames().forEachRemaining(names::add);
    expected.path("queues").fieldNames().forEachRemaining(names::add);
    Set<String> users = new TreeSet<>();
    for (JsonNode permission : given) {
      String user = permission.path("user").asText();
      users.add(user);
      for (String right : List.of("configure", "write", "read")) {
        Set<String> allowed = new TreeSet<>();
        expected.path("permissions").path(user).path(right).forEach(n -> allowed.add(n.asText()));
        String pattern = permission.path(right).asText("not said");
        Set<String> seen = new TreeSet<>(names);
        // Erlang's re:run finds the pattern anywhere, unless it is anchored.
        seen.removeIf(name -> !Pattern.compile(pattern).matcher(name).find());
        if (!seen.equals(allowed) || pattern.equals("not said")) {
          sentences.add(user + " may " + right + " " + seen + ", expected " + allowed);
        }
      }
    }
    Set<String> expectedUsers = new TreeSet<>();
    expected.path("permissions").fieldNames().forEachRemaining(expectedUsers::add);
    if (!users.equals(expectedUsers)) {
      sentences.add("has rights for " + users + ", expected " + expectedUsers);
    }
  }

  private void differ(String what, Map<String, String> seen, String key, List<String> sentences) {
    Map<String, String> wanted = new TreeMap<>(Manifest.texts(expected.path(key)));
    if (!seen.equals(wanted)) {
      sentences.add(what + " are " + seen + ", expected " + wanted);
    }
  }

  private static Map<String, String> map(JsonNode list, String key, String value) {
    Map<String, String> map = new TreeMap<>();
    list.forEach(one -> map.put(one.path(key).asText(), one.at(value).asText()));
    return map;
  }

  private static Map<String, String> config(String file) {
    Map<String, String> config = new TreeMap<>();
    file.lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> line.split(" *= *", 2))
        .forEach(pair -> config.put(pair[0], pair.length < 2 ? "" : pair[1]));
    return config;
  }
}
