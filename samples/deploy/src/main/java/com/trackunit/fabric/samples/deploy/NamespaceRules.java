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
 * What every namespace must have: Pod Security {@code restricted}, and a policy that denies all
 * that no other one allows, also to a pod that someone adds tomorrow.
 */
final class NamespaceRules implements Rule {
  @Override
  public Stream<Finding> check(Overlay overlay) {
    List<Finding> findings = new ArrayList<>();
    Set<String> named = new TreeSet<>();
    for (Manifest namespace : overlay.ofKind("Namespace").toList()) {
      named.add(namespace.name());
      for (String mode : List.of("enforce", "audit", "warn")) {
        String label = "pod-security.kubernetes.io/" + mode;
        if (!"restricted".equals(namespace.labels().get(label))) {
          findings.add(
              overlay.finding(
                  namespace,
                  "pod security",
                  "does not "
                      + mode
                      + " restricted: expected the label "
                      + label
                      + ": restricted"));
        }
      }
      if (overlay.ofKind("NetworkPolicy").noneMatch(policy -> denies(policy, namespace.name()))) {
        findings.add(
            overlay.finding(
                namespace,
                "default-deny",
                "has no policy that selects all pods, for Ingress and Egress, and allows nothing:"
                    + " a pod without a policy of its own would reach everything"));
      }
    }
    overlay.objects().stream()
        .filter(object -> !object.namespace().isEmpty() && !named.contains(object.namespace()))
        .forEach(
            object ->
                findings.add(
                    overlay.finding(object, "namespace", "lies in a namespace that is not here")));
    return findings.stream();
  }

  private static boolean denies(Manifest policy, String namespace) {
    JsonNode spec = policy.tree().path("spec");
    Set<String> types = new TreeSet<>();
    spec.path("policyTypes").forEach(type -> types.add(type.asText()));
    return policy.namespace().equals(namespace)
        && spec.path("podSelector").isEmpty()
        && types.equals(Set.of("Ingress", "Egress"))
        && spec.path("ingress").isEmpty()
        && spec.path("egress").isEmpty();
  }
}
