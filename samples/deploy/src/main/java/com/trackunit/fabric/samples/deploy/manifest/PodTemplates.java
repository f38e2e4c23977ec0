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
    return switch (manifest.apiVersion() + " " + manifest.kind()) {
      case "v1 Pod" -> Optional.of(manifest.tree());
      case "apps/v1 Deployment",
          "apps/v1 StatefulSet",
          "apps/v1 DaemonSet",
          "apps/v1 ReplicaSet",
          "v1 ReplicationController",
          "batch/v1 Job" ->
          Optional.of(spec.path("template"));
      case "batch/v1 CronJob" ->
          Optional.of(spec.path("jobTemplate").path("spec").path("template"));
      default -> Optional.empty();
    };
  }

  /**
   * Whether an object of a kind that is not read here looks as if it made pods.
   *
   * @param manifest any object
   * @return true if there is a list of containers somewhere in it
   */
  public static boolean mayMakeOthers(Manifest manifest) {
    return of(manifest).isEmpty() && manifest.tree().path("spec").findValue("containers") != null;
  }
}
