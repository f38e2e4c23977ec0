// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the parts of one pod say of each other must be true: mounts name volumes and volumes are
 * mounted, probes ask ports that the container has, and no two containers want the same port.
 */
final class PodWiringRules implements Rule {
  private static final Set<String> TOKEN_FILES = Set.of("token", "ca.crt", "namespace");

  @Override
  public Stream<Finding> check(Overlay overlay) {
    return overlay
        .workloads()
        .flatMap(
            workload -> {
              List<Finding> findings = new ArrayList<>();
              volumes(overlay, workload, findings);
              ports(overlay, workload, findings);
              return findings.stream();
            });
  }

  private static void volumes(Overlay overlay, Manifest workload, List<Finding> findings) {
    Map<String, JsonNode> volumes = new HashMap<>();
    for (JsonNode volume : Overlay.pod(workload).path("spec").path("volumes")) {
      volumes.put(volume.path("name").asText(), volume);
    }
    for (JsonNode claim : workload.tree().path("spec").path("volumeClaimTemplates")) {
      volumes.put(claim.path("metadata").path("name").asText(), claim);
    }
    volumes.values().forEach(volume -> projected(overlay, workload, volume, findings));
    Set<String> unused = new TreeSet<>(volumes.keySet());
    for (JsonNode container : Overlay.containers(workload)) {
      for (JsonNode mount : container.path("volumeMounts")) {
        String name = mount.path("name").asText();
        unused.remove(name);
        JsonNode volume = volumes.get(name);
        if (volume == null) {
          findings.add(
              overlay.finding(
                  workload,
                  "volumes",
                  "container "
                      + container.path("name").asText()
                      + " mounts '"
                      + name
                      + "', and there is no such volume"));
        } else {
          mounted(overlay, workload, volume, mount, findings);
        }
      }
    }
    for (String name : unused) {
      findings.add(
          overlay.finding(workload, "volumes", "has the volume '" + name + "', mounted nowhere"));
    }
  }

  /** Files from several sources in one folder: each source says which. */
  private static void projected(
      Overlay overlay, Manifest workload, JsonNode volume, List<Finding> findings) {
    JsonNode sources = volume.at("/projected/sources");
    for (JsonNode source : sources) {
      if (!source.has("serviceAccountToken") && source.findPath("items").isEmpty()) {
        findings.add(
            overlay.finding(
                workload, "volumes", "puts all there is of " + source + " into one folder"));
      }
    }
    if (volume.path("name").asText().equals("api-token")
        && !Set.copyOf(sources.findValuesAsText("path")).equals(TOKEN_FILES)) {
      findings.add(
          overlay.finding(
              workload, "volumes", "gives a client of the API not all of " + TOKEN_FILES));
    }
  }

  private static void mounted(
      Overlay overlay, Manifest workload, JsonNode volume, JsonNode mount, List<Finding> findings) {
    boolean isGiven = volume.has("configMap") || volume.has("secret") || volume.has("projected");
    if (isGiven && !mount.path("readOnly").asBoolean()) {
      findings.add(
          overlay.finding(
              workload,
              "volumes",
              "mounts " + mount.path("mountPath") + " for writing: expected readOnly: true"));
    }
    String subPath = mount.path("subPath").asText();
    Set<String> paths = new HashSet<>();
    volume
        .findValues("items")
        .forEach(items -> items.forEach(i -> paths.add(i.at("/path").asText())));
    if (paths.isEmpty() && volume.has("configMap")) {
      overlay
          .find("ConfigMap", workload.namespace(), volume.at("/configMap/name").asText())
          .ifPresent(map -> map.tree().path("data").fieldNames().forEachRemaining(paths::add));
    }
    if (!subPath.isEmpty() && isGiven && !paths.contains(subPath)) {
      findings.add(
          overlay.finding(
              workload,
              "volumes",
              "mounts '" + subPath + "' of a volume that has only " + new TreeSet<>(paths)));
    }
    if (volume.has("emptyDir") && !volume.path("emptyDir").has("sizeLimit")) {
      findings.add(
          overlay.finding(workload, "volumes", "has no sizeLimit for " + volume.path("name")));
    }
  }

  private static void ports(Overlay overlay, Manifest workload, List<Finding> findings) {
    Set<String> taken = new HashSet<>();
    for (JsonNode container : Overlay.containers(workload)) {
      Set<String> own = new HashSet<>();
      for (JsonNode port : container.path("ports")) {
        String name = port.path("name").asText();
        String number = port.path("containerPort").asText();
        own.add(name);
        own.add(number);
        if (name.isEmpty()) {
          findings.add(overlay.finding(workload, "ports", "has a port without name: " + number));
        }
        for (String one : List.of(name, number + port.path("protocol").asText("TCP"))) {
          if (!taken.add(one)) {
            findings.add(
                overlay.finding(workload, "ports", "has two ports '" + one + "' in a pod"));
          }
        }
      }
      for (String asker : List.of("livenessProbe", "readinessProbe", "startupProbe", "lifecycle")) {
        for (JsonNode asked : container.path(asker).findValues("port")) {
          if (!own.contains(asked.asText())) {
            findings.add(
                overlay.finding(
                    workload,
                    "probes",
                    asker + " asks port " + asked + ", which its container does not have"));
          }
        }
      }
    }
  }
}
