// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.contracts.Variables;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A variable that no service reads is a setting that does nothing. */
class SettingsTest {
  private static final List<String> OURS =
      List.of("graph-gateway", "svc-analysis-orchestrator", "svc-messaging-bridge");

  @Test
  void ourServicesAreSetWhatTheyRead() throws IllegalAccessException {
    Set<String> read = variables();
    for (Manifest workload :
        ProjectFolder.folder().kept("production-bridge").workloads().toList()) {
      if (OURS.contains(workload.name())) {
        for (JsonNode variable : Overlay.pod(workload).at("/spec/containers/0/env")) {
          assertThat(read).as(workload.id()).contains(variable.path("name").asText());
        }
      }
    }
  }

  @Test
  void theBridgeOutsideIsSetWhatItReads() throws Exception {
    DeployFolder folder = ProjectFolder.folder();
    assertThat(
            folder
                .read(folder.path("outside/bridge.env.example"))
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.substring(0, line.indexOf('='))))
        .isNotEmpty()
        .isSubsetOf(variables());
  }

  @Test
  void theBridgeOutsideIsTheSameImage() {
    DeployFolder folder = ProjectFolder.folder();
    JsonNode compose =
        Manifests.tree("compose.yaml", folder.read(folder.path("outside/compose.yaml")));
    Manifest inside =
        folder
            .kept("production-bridge")
            .find("Deployment", "svc-messaging-bridge", "svc-messaging-bridge")
            .orElseThrow();
    assertThat(compose.at("/services/svc-messaging-bridge/image"))
        .isEqualTo(Overlay.pod(inside).at("/spec/containers/0/image"));
  }

  @Test
  void theNodePortIsTheOneThatKindMaps() {
    DeployFolder folder = ProjectFolder.folder();
    JsonNode kind = Manifests.tree("kind", folder.read(folder.path("kind-cluster.yaml")));
    JsonNode mapped = kind.at("/nodes/0/extraPortMappings/0");
    assertThat(mapped.path("containerPort"))
        .isEqualTo(
            folder
                .kept("kind")
                .find("Service", "api-gateway", "kong-kong-proxy")
                .orElseThrow()
                .tree()
                .at("/spec/ports/0/nodePort"));
    assertThat(mapped.path("hostPort").asInt()).isEqualTo(443);
  }

  private static Set<String> variables() throws IllegalAccessException {
    // The last three are the gateway's own, and the JVM's.
    Set<String> names =
        new TreeSet<>(List.of("INSTANCE_NAME", "GRAPHQL__INTROSPECTION", "JAVA_TOOL_OPTIONS"));
    for (Field field : Variables.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers())) {
        names.add(String.valueOf(field.get(null)));
      }
    }
    return names;
  }
}
