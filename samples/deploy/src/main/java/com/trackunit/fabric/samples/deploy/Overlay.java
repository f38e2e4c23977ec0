// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.PodTemplates;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The rendered form of one overlay: what a cluster would get.
 *
 * @param name the overlay's folder
 * @param objects all of them
 */
record Overlay(String name, List<Manifest> objects) {
  Overlay {
    objects = List.copyOf(objects);
  }

  Stream<Manifest> ofKind(String kind) {
    return objects.stream().filter(object -> object.kind().equals(kind));
  }

  Optional<Manifest> find(String kind, String namespace, String objectName) {
    return ofKind(kind)
        .filter(object -> object.namespace().equals(namespace) && object.name().equals(objectName))
        .findFirst();
  }

  /** What makes pods. */
  Stream<Manifest> workloads() {
    return objects.stream().filter(object -> PodTemplates.of(object).isPresent());
  }

  /** The pods of a workload, with metadata and spec; nothing for what is none. */
  static JsonNode pod(Manifest workload) {
    return PodTemplates.of(workload).orElse(MissingNode.getInstance());
  }

  /** The containers of a workload's pods, those of the start among them. */
  static List<JsonNode> containers(Manifest workload) {
    List<JsonNode> containers = new ArrayList<>();
    JsonNode spec = pod(workload).path("spec");
    spec.path("initContainers").forEach(containers::add);
    spec.path("containers").forEach(containers::add);
    return containers;
  }

  static Map<String, String> podLabels(Manifest workload) {
    return Manifest.texts(pod(workload).path("metadata").path("labels"));
  }

  Finding finding(Manifest object, String rule, String sentence) {
    return new Finding(name + ": " + object.id(), rule, sentence);
  }
}
