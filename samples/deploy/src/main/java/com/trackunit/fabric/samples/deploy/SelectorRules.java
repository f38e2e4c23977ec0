// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Whoever chooses pods by label must find them: services, workloads, disruption budgets and
 * topology spread; and a service must lead to a port that its pods have.
 */
final class SelectorRules implements Rule {
  private static final String BUDGET = "disruption budget";
  private static final String SPREAD = "topology spread";

  /** Others could let traffic in by another way. */
  private static final Set<String> SERVICE_FIELDS =
      Set.of(
          "clusterIP",
          "externalTrafficPolicy",
          "ipFamilies",
          "ipFamilyPolicy",
          "loadBalancerClass",
          "loadBalancerSourceRanges",
          "ports",
          "selector",
          "type");

  @Override
  public Stream<Finding> check(Overlay overlay) {
    List<Finding> findings = new ArrayList<>();
    overlay.ofKind("Service").forEach(service -> service(overlay, service, findings));
    overlay.ofKind("PodDisruptionBudget").forEach(budget -> budget(overlay, budget, findings));
    overlay.workloads().forEach(workload -> workload(overlay, workload, findings));
    return findings.stream();
  }

  private static void service(Overlay overlay, Manifest service, List<Finding> findings) {
    JsonNode spec = service.tree().path("spec");
    List<Manifest> selected = selected(overlay, service, spec.path("selector"));
    if (selected.size() != 1) {
      findings.add(
          overlay.finding(
              service, "selector", "selects " + selected.size() + " workloads, expected one"));
      return;
    }
    for (JsonNode port : spec.path("ports")) {
      String target = port.path("targetPort").asText(port.path("port").asText());
      if (!portsOf(selected.get(0)).contains(target)) {
        findings.add(
            overlay.finding(
                service,
                "ports",
                "leads to port "
                    + target
                    + ", which no container of "
                    + selected.get(0).id()
                    + " has"));
      }
    }
    spec.fieldNames()
        .forEachRemaining(
            field -> {
              if (!SERVICE_FIELDS.contains(field)) {
                findings.add(
                    overlay.finding(
                        service, "unlooked at", "has " + field + ", which no Service here needs"));
              }
            });
    String type = spec.path("type").asText("ClusterIP");
    if (!type.equals("ClusterIP") && !spec.path("externalTrafficPolicy").asText().equals("Local")) {
      findings.add(
          overlay.finding(
              service,
              "client address",
              "is a "
                  + type
                  + " without externalTrafficPolicy: Local: the rate limit would count"
                  + " nodes, not clients"));
    }
    boolean isDoor = service.id().equals("Service api-gateway/kong-kong-proxy");
    if (isDoor && !spec.path("ports").findValuesAsText("port").equals(List.of("443"))) {
      findings.add(
          overlay.finding(
              service, "service type", "opens " + spec.path("ports") + ", expected 443 only"));
    }
    if (type.equals("ClusterIP") == isDoor) {
      findings.add(
          overlay.finding(
              service, "service type", "is a " + type + ": Kong alone is called from outside"));
    }
  }

  private static void budget(Overlay overlay, Manifest budget, List<Finding> findings) {
    JsonNode spec = budget.tree().path("spec");
    List<Manifest> selected = selected(overlay, budget, spec.at("/selector/matchLabels"));
    if (selected.size() != 1) {
      findings.add(
          overlay.finding(
              budget, BUDGET, "selects " + selected.size() + " workloads, expected one"));
    }
    if (spec.path("maxUnavailable").asInt() < 1) {
      findings.add(
          overlay.finding(budget, BUDGET, "lets no pod go, so that no node could ever be drained"));
    }
  }

  private static void workload(Overlay overlay, Manifest workload, List<Finding> findings) {
    JsonNode spec = workload.tree().path("spec");
    Map<String, String> selector = Manifest.texts(spec.at("/selector/matchLabels"));
    Map<String, String> labels = Overlay.podLabels(workload);
    if (selector.isEmpty() || !labels.entrySet().containsAll(selector.entrySet())) {
      findings.add(
          overlay.finding(workload, "selector", "does not select its own pods: " + labels));
    }
    if (overlay.workloads().filter(other -> selects(selector, workload, other)).count() > 1) {
      findings.add(overlay.finding(workload, "selector", "selects pods of another one as well"));
    }
    if (budgets(overlay, workload) > 1) {
      findings.add(
          overlay.finding(
              workload,
              BUDGET,
              "has two PodDisruptionBudgets: no eviction would pass, nor a drain"));
    }
    if (spec.path("replicas").asInt(1) > 1) {
      replicas(overlay, workload, findings);
    }
    if (workload.kind().equals("StatefulSet")) {
      String service = spec.path("serviceName").asText();
      if (overlay.find("Service", workload.namespace(), service).isEmpty()) {
        findings.add(
            overlay.finding(workload, "selector", "names the Service '" + service + "', not here"));
      }
    }
    for (JsonNode spread : Overlay.pod(workload).at("/spec/topologySpreadConstraints")) {
      Map<String, String> spreads = Manifest.texts(spread.at("/labelSelector/matchLabels"));
      if (!selector.equals(spreads)) {
        findings.add(
            overlay.finding(
                workload, SPREAD, "spreads pods " + spreads + ", expected its own: " + selector));
      }
    }
  }

  private static long budgets(Overlay overlay, Manifest workload) {
    return overlay
        .ofKind("PodDisruptionBudget")
        .filter(
            budget ->
                selected(overlay, budget, budget.tree().at("/spec/selector/matchLabels"))
                    .contains(workload))
        .count();
  }

  private static void replicas(Overlay overlay, Manifest workload, List<Finding> findings) {
    if (budgets(overlay, workload) == 0) {
      findings.add(
          overlay.finding(workload, BUDGET, "has replicas, and no PodDisruptionBudget for them"));
    }
    if (Overlay.pod(workload).path("spec").path("topologySpreadConstraints").isEmpty()) {
      findings.add(overlay.finding(workload, SPREAD, "has replicas that may all be on one node"));
    }
  }

  /** An empty selector would take all pods, which is never meant here. */
  private static List<Manifest> selected(Overlay overlay, Manifest by, JsonNode labels) {
    Map<String, String> selector = Manifest.texts(labels);
    return overlay.workloads().filter(workload -> selects(selector, by, workload)).toList();
  }

  private static boolean selects(Map<String, String> selector, Manifest by, Manifest workload) {
    return !selector.isEmpty()
        && workload.namespace().equals(by.namespace())
        && Overlay.podLabels(workload).entrySet().containsAll(selector.entrySet());
  }

  private static Set<String> portsOf(Manifest workload) {
    Set<String> ports = new TreeSet<>();
    for (JsonNode container : Overlay.containers(workload)) {
      for (JsonNode port : container.path("ports")) {
        ports.add(port.path("name").asText());
        ports.add(port.path("containerPort").asText());
      }
    }
    return ports;
  }
}
