// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.PodTemplates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectCheckTest {
  @Test
  void theManifestsHold() {
    assertThat(new ProjectCheck(ProjectFolder.folder(), Kubectl.find()).run()).isEmpty();
  }

  /** The table of the seed's diagram, row by row. */
  @Test
  void whoReachesWhomIsTheSeedsDiagram() {
    String https =
        "outside 0.0.0.0/0 except 0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16"
            + " 172.16.0.0/12 192.168.0.0/16, ::/0 except ::1/128 64:ff9b::/96 fc00::/7 fe80::/10";
    assertThat(ours("kind"))
        .containsExactlyInAnyOrder(
            "outside 0.0.0.0/0, ::/0 -> api-gateway/kong TCP 8443",
            "elsewhere/stranger -> api-gateway/kong TCP 8443",
            "kube-system/kube-dns -> api-gateway/kong TCP 8443",
            "api-gateway/kong -> api-gateway/oauth2-proxy TCP 4180",
            "api-gateway/kong -> outside 172.18.0.2/32 TCP 6443",
            "api-gateway/kong -> kube-system/kube-dns TCP 53; UDP 53",
            "api-gateway/oauth2-proxy -> graph-gateway/graph-gateway TCP 8080",
            "api-gateway/oauth2-proxy -> kube-system/kube-dns TCP 53; UDP 53",
            "api-gateway/oauth2-proxy -> " + https + " TCP 443",
            "graph-gateway/graph-gateway -> messaging/rabbitmq TCP 5672",
            "graph-gateway/graph-gateway -> kube-system/kube-dns TCP 53; UDP 53",
            "graph-gateway/graph-gateway -> " + https + " TCP 443",
            "svc-analysis-orchestrator/svc-analysis-orchestrator -> messaging/rabbitmq TCP 5672",
            "svc-analysis-orchestrator/svc-analysis-orchestrator -> kube-system/kube-dns TCP 53;"
                + " UDP 53");
  }

  @Test
  void withoutAControllerKongDoesNotReachTheApiServer() {
    Set<String> withController = ours("kind");
    withController.remove("api-gateway/kong -> outside 172.18.0.2/32 TCP 6443");
    assertThat(ours("kind-dbless")).isEqualTo(withController);
    assertThat(ours("kind-ingress")).isEqualTo(ours("kind"));
  }

  @Test
  void theBridgeInsideReachesRabbitMqAndRedpandaAndNobodyReachesIt() {
    String bridge = "svc-messaging-bridge/svc-messaging-bridge";
    assertThat(ours("production-bridge").stream().filter(row -> row.contains(bridge)))
        .containsExactlyInAnyOrder(
            bridge + " -> messaging/rabbitmq TCP 5672",
            bridge + " -> outside 100.64.0.10/32 TCP 9092",
            bridge + " -> outside 169.254.20.10/32 TCP 53; UDP 53",
            bridge + " -> kube-system/kube-dns TCP 53; UDP 53");
  }

  @Test
  void replicasAreThoseOfTheSeed() {
    Overlay production = ProjectFolder.folder().kept("production");
    assertThat(replicas(production, "graph-gateway")).isEqualTo(3);
    assertThat(replicas(production, "svc-analysis-orchestrator")).isEqualTo(2);
    assertThat(production.workloads().map(Manifest::namespace).distinct())
        .containsExactlyInAnyOrder(
            "api-gateway", "graph-gateway", "messaging", "svc-analysis-orchestrator");
    assertThat(production.workloads().flatMap(w -> PodTemplates.of(w).stream())).hasSize(5);
  }

  @Test
  void aChangedSourceIsNoticedWithoutKubectl(@TempDir Path temp) throws Exception {
    Path copy = ProjectFolder.copyTo(temp);
    Path source = copy.resolve("base/messaging/rabbitmq.conf");
    Files.writeString(source, Files.readString(source) + "# more\n");
    assertThat(new ProjectCheck(new DeployFolder(copy), Optional.empty()).run())
        .extracting(Finding::rule)
        .contains("rendered");
  }

  private static int replicas(Overlay overlay, String name) {
    return overlay
        .find("Deployment", name, name)
        .orElseThrow()
        .tree()
        .path("spec")
        .path("replicas")
        .asInt();
  }

  /** Rows that one of our pods has a part in. */
  private static Set<String> ours(String overlay) {
    DeployFolder folder = ProjectFolder.folder();
    Set<String> rows = new TreeSet<>();
    folder
        .reach(folder.kept(overlay))
        .rows()
        .forEach(
            row -> {
              assertThat(row.portsIfBlocksMatchPods()).isEqualTo(row.ports());
              rows.add(row.from() + " -> " + row.to() + " " + row.ports());
            });
    Set<String> foreign =
        Set.of("elsewhere/stranger", "kube-system/kube-dns", "outside 0.0.0.0/0, ::/0");
    rows.removeIf(
        row ->
            foreign.stream().anyMatch(one -> row.startsWith(one + " -> "))
                && foreign.stream().anyMatch(other -> row.contains("-> " + other + " ")));
    return rows;
  }
}
