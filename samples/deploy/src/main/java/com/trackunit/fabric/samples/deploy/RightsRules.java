// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Who may do what at the API server: Kong's controller alone, and it reads what it needs and writes
 * how that went. Secrets it reads in its own namespace only.
 */
final class RightsRules implements Rule {
  private static final String RULE = "rights";
  private static final Set<String> READING = Set.of("get", "list", "watch");

  /** What the controller writes besides a status. */
  private static final Set<String> WRITTEN = Set.of("events", "leases", "gateways");

  /** What would tell it of other namespaces' contents. */
  private static final Set<String> OF_A_NAMESPACE = Set.of("secrets", "configmaps", "pods");

  @Override
  public Stream<Finding> check(Overlay overlay) {
    List<Finding> findings = new ArrayList<>();
    for (String kind : List.of("Role", "ClusterRole")) {
      for (Manifest role : overlay.ofKind(kind).toList()) {
        for (JsonNode rule : role.tree().path("rules")) {
          if (isTooMuch(rule, kind.equals("ClusterRole"))) {
            findings.add(
                overlay.finding(
                    role, RULE, "gives more than a controller of the edge needs: " + rule));
          }
        }
      }
    }
    for (String kind : List.of("RoleBinding", "ClusterRoleBinding")) {
      for (Manifest binding : overlay.ofKind(kind).toList()) {
        for (JsonNode subject : binding.tree().path("subjects")) {
          if (!subject.path("name").asText().equals("kong")
              || !subject.path("namespace").asText().equals("api-gateway")) {
            findings.add(
                overlay.finding(
                    binding,
                    RULE,
                    "gives rights to " + subject + ", expected api-gateway/kong alone"));
          }
        }
      }
    }
    return findings.stream();
  }

  private static boolean isTooMuch(JsonNode rule, boolean isEverywhere) {
    Set<String> resources = texts(rule.path("resources"));
    boolean writes = !READING.containsAll(texts(rule.path("verbs")));
    return rule.has("nonResourceURLs")
        || Stream.of("apiGroups", "resources", "verbs")
            .anyMatch(field -> texts(rule.path(field)).contains("*"))
        || resources.stream()
            .anyMatch(
                resource ->
                    (resource.contains("/") && !resource.endsWith("/status"))
                        || (writes && !resource.endsWith("/status") && !WRITTEN.contains(resource))
                        || (isEverywhere && OF_A_NAMESPACE.contains(resource)));
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new TreeSet<>();
    array.forEach(item -> texts.add(item.asText()));
    return texts;
  }
}
