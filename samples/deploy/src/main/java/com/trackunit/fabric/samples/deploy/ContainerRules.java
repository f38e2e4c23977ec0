// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What each container must be told: {@code containers.yaml}. And what any of them is told must be
 * true: an address inside the cluster is that of a service here, and no placeholder is left.
 */
final class ContainerRules implements Rule {
  private static final String RULE = "settings";
  private static final Pattern ADDRESS =
      Pattern.compile("([a-z0-9-]+)\\.([a-z0-9-]+)\\.svc\\.cluster\\.local(:([0-9]+))?");
  private static final Pattern PLACEHOLDER =
      Pattern.compile("(^|[/.:@])(TENANT|CLIENT|POD_CIDR|REDPANDA|NODE|TAILNET)($|[/.:])");

  private static final String UNLISTED = ", which containers.yaml does not list";

  /** What could make another program of a container, or tell it more. */
  private static final List<String> TELLING =
      List.of("command", "args", "envFrom", "workingDir", "lifecycle.postStart", "volumeDevices");

  private final JsonNode expected = Resources.yaml("containers.yaml");

  @Override
  public Stream<Finding> check(Overlay overlay) {
    List<Finding> findings = new ArrayList<>();
    overlay.workloads().forEach(workload -> workload(overlay, workload, findings));
    for (Manifest map : overlay.ofKind("ConfigMap").toList()) {
      map.tree().path("data").forEach(file -> addresses(overlay, map, file.asText(), findings));
    }
    return findings.stream();
  }

  private void workload(Overlay overlay, Manifest workload, List<Finding> findings) {
    String id = workload.namespace() + "/" + workload.name();
    JsonNode asked = expected.path(id);
    if (asked.isMissingNode()) {
      findings.add(overlay.finding(workload, RULE, "is not in containers.yaml"));
    }
    int replicas = workload.tree().at("/spec/replicas").asInt(-1);
    if (replicas != asked.path("replicas").asInt()) {
      findings.add(
          overlay.finding(
              workload, "replicas", "has " + replicas + ", expected " + asked.path("replicas")));
    }
    Set<String> containers = new TreeSet<>();
    for (JsonNode container : Overlay.containers(workload)) {
      String name = container.path("name").asText();
      containers.add(name);
      asked.path("containers").path(name).properties().stream()
          .filter(entry -> !entry.getKey().equals("optional"))
          .forEach(
              entry -> {
                String seen = value(container, entry.getKey());
                String pattern = entry.getValue().asText();
                if (!seen.matches(pattern)) {
                  findings.add(
                      overlay.finding(
                          workload,
                          RULE,
                          name
                              + ": "
                              + entry.getKey()
                              + " is '"
                              + seen
                              + "', expected "
                              + pattern));
                }
              });
      if (!asked.isMissingNode()) {
        additions(container, asked.path("containers").path(name)).stream()
            .map(what -> overlay.finding(workload, RULE, name + ": " + what + UNLISTED))
            .forEach(findings::add);
      }
      for (JsonNode variable : container.path("env")) {
        String value = variable.path("value").asText();
        addresses(overlay, workload, value, findings);
        if (PLACEHOLDER.matcher(value).find()) {
          findings.add(
              overlay.finding(
                  workload, RULE, variable.path("name").asText() + " is still '" + value + "'"));
        }
      }
    }
    if (!asked.path("containers").isMissingNode()
        && !containers.containsAll(names(asked.path("containers"), containers))) {
      findings.add(overlay.finding(workload, RULE, "has only the containers " + containers));
    }
  }

  /** What a container is told that nobody asked for; of a container that nobody asked for, all. */
  private static List<String> additions(JsonNode container, JsonNode asked) {
    if (asked.isMissingNode()) {
      return List.of("is a container");
    }
    List<String> additions = new ArrayList<>();
    for (JsonNode variable : container.path("env")) {
      String name = "env." + variable.path("name").asText();
      if (!asked.has(name)) {
        additions.add("is told " + name);
      }
    }
    for (String field : TELLING) {
      if (!asked.has(field) && !value(container, field).isEmpty()) {
        additions.add("has " + field + " " + value(container, field));
      }
    }
    return additions;
  }

  /** A container that is not in every overlay is asked for by nobody. */
  private static Set<String> names(JsonNode asked, Set<String> present) {
    Set<String> names = new TreeSet<>();
    asked
        .properties()
        .forEach(
            container -> {
              if (!container.getValue().path("optional").asBoolean()
                  || present.contains(container.getKey())) {
                names.add(container.getKey());
              }
            });
    return names;
  }

  /** The text at a path; a variable's is its value, or where that comes from. */
  private static String value(JsonNode container, String path) {
    if (path.startsWith("env.")) {
      for (JsonNode variable : container.path("env")) {
        if (variable.path("name").asText().equals(path.substring("env.".length()))) {
          return text(variable.has("value") ? variable.path("value") : variable.path("valueFrom"));
        }
      }
      return "";
    }
    JsonNode node = container;
    for (String step : path.split("\\.", -1)) {
      node = node.path(step);
    }
    return text(node);
  }

  private static String text(JsonNode node) {
    return node.isValueNode() ? node.asText() : node.toString();
  }

  private static void addresses(
      Overlay overlay, Manifest object, String text, List<Finding> findings) {
    Matcher address = ADDRESS.matcher(text);
    while (address.find()) {
      JsonNode ports =
          overlay
              .find("Service", address.group(2), address.group(1))
              .map(service -> service.tree().at("/spec/ports"))
              .orElse(null);
      if (ports == null) {
        findings.add(
            overlay.finding(object, RULE, "calls " + address.group() + ": no such Service"));
      } else if (address.group(4) != null
          && !ports.findValuesAsText("port").contains(address.group(4))) {
        findings.add(
            overlay.finding(
                object, RULE, "calls " + address.group() + ": the Service has no such port"));
      }
    }
  }
}
