// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** Finds the pods that an object makes. */
public final class PodTemplates {
  private PodTemplates() {}

  /**
   * The pod, or the template of the pods, with {@code metadata} and {@code spec}.
   *
   * @param manifest any object
   * @return empty if it makes no pods
   */
  public static Optional<JsonNode> of(Manifest manifest) {
    JsonNode spec = manifest.tree().path("spec");
    return switch (manifest.kind()) {
      case "Pod" -> Optional.of(manifest.tree());
      case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job" ->
          Optional.of(spec.path("template"));
      case "CronJob" -> Optional.of(spec.path("jobTemplate").path("spec").path("template"));
      default -> Optional.empty();
    };
  }
}
