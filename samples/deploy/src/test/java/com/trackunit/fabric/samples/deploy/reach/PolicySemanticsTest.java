// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules of the NetworkPolicy API, one by one, on two pods of one namespace and one of another.
 */
class PolicySemanticsTest {
  private static final String WORLD =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: here, labels: {team: ours}}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: there}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: server, namespace: here, labels: {app: server}}
      spec:
        containers:
        - name: main
          ports:
          - {name: web, containerPort: 8080}
          - {name: names, containerPort: 53, protocol: UDP}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: client, namespace: here, labels: {app: client}}
      spec: {containers: [{name: main}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: client, namespace: there, labels: {app: client}}
      spec: {containers: [{name: main}]}
      """;

  @Test
  void withoutPoliciesEverythingPasses() {
    assertThat(reach("", "here/client", "here/server")).isEqualTo("all ports");
    assertThat(reach("", "outside 0.0.0.0/0, ::/0", "here/server")).isEqualTo("all ports");
    assertThat(reach("", "here/server", "outside 0.0.0.0/0, ::/0")).isEqualTo("all ports");
  }

  @Test
  void anEmptyPodSelectorSelectsAllPodsOfItsNamespaceOnly() {
    String deny = policy("podSelector: {}");
    assertThat(reach(deny, "there/client", "here/server")).isEqualTo("nothing");
    assertThat(reach(deny, "here/client", "there/client")).isEqualTo("all ports");
  }

  @Test
  void policyTypesDefaultToIngressAndToEgressOnlyWithEgressRules() {
    String ingressOnly = policy("podSelector: {matchLabels: {app: server}}");
    assertThat(reach(ingressOnly, "here/server", "there/client")).isEqualTo("all ports");
    assertThat(reach(ingressOnly, "there/client", "here/server")).isEqualTo("nothing");
    String emptyEgress = policy("podSelector: {}, egress: []");
    assertThat(reach(emptyEgress, "here/server", "there/client")).isEqualTo("all ports");
    String withEgress = policy("podSelector: {}, egress: [{ports: [{port: 443}]}]");
    assertThat(reach(withEgress, "here/server", "there/client")).isEqualTo("TCP 443");
    assertThat(reach(withEgress, "there/client", "here/server")).isEqualTo("nothing");
    String egressOnly = policy("podSelector: {}, policyTypes: [Egress]");
    assertThat(reach(egressOnly, "there/client", "here/server")).isEqualTo("all ports");
    assertThat(reach(egressOnly, "here/server", "there/client")).isEqualTo("nothing");
  }

  @Test
  void anEmptyRuleAllowsAllAndAnEmptyListDenies() {
    assertThat(reach(policy("podSelector: {}, ingress: [{}]"), "there/client", "here/server"))
        .isEqualTo("all ports");
    assertThat(reach(policy("podSelector: {}, ingress: []"), "there/client", "here/server"))
        .isEqualTo("nothing");
    assertThat(
            reach(
                policy("podSelector: {}, ingress: [{from: [], ports: []}]"),
                "there/client",
                "here/server"))
        .isEqualTo("all ports");
  }

  @Test
  void policiesAddUp() {
    String two =
        policy("podSelector: {}, ingress: [{ports: [{port: 80}]}]")
            + policy("podSelector: {matchLabels: {app: server}}, ingress: [{ports: [{port: 90}]}]")
                .replace("name: tried", "name: other");
    assertThat(reach(two, "there/client", "here/server")).isEqualTo("TCP 80, 90");
    assertThat(reach(two, "there/client", "here/client")).isEqualTo("TCP 80");
  }

  @Test
  void aPodSelectorAloneMeansThePolicysOwnNamespace() {
    String own = policy("podSelector: {}, ingress: [{from: [{podSelector: {}}]}]");
    assertThat(reach(own, "here/client", "here/server")).isEqualTo("all ports");
    assertThat(reach(own, "there/client", "here/server")).isEqualTo("nothing");
  }

  @Test
  void selectorsOfOnePeerMustBothMatchAndPeersAreAlternatives() {
    String both =
        policy(
            "podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ours}},"
                + " podSelector: {matchLabels: {app: client}}}]}]");
    assertThat(reach(both, "here/client", "here/server")).isEqualTo("all ports");
    assertThat(reach(both, "there/client", "here/server")).isEqualTo("nothing");
    assertThat(reach(both, "here/server", "here/client")).isEqualTo("nothing");
    String either =
        policy(
            "podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ours}}},"
                + " {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: there}}}]}]");
    assertThat(reach(either, "there/client", "here/server")).isEqualTo("all ports");
    assertThat(reach(either, "here/server", "here/client")).isEqualTo("all ports");
  }

  @Test
  void expressionsFollowTheApi() {
    assertThat(matching("{key: app, operator: In, values: [client, other]}")).isTrue();
    assertThat(matching("{key: app, operator: NotIn, values: [client]}")).isFalse();
    assertThat(matching("{key: missing, operator: NotIn, values: [client]}")).isTrue();
    assertThat(matching("{key: app, operator: Exists}")).isTrue();
    assertThat(matching("{key: missing, operator: Exists}")).isFalse();
    assertThat(matching("{key: missing, operator: DoesNotExist}")).isTrue();
    assertThat(matching("{key: missing, operator: In, values: [client]}")).isFalse();
  }

  @Test
  void portsAreTcpUnlessSaidOtherwiseAndMayBeRanges() {
    assertThat(ports("{port: 53}")).isEqualTo("TCP 53");
    assertThat(ports("{port: 53, protocol: UDP}")).isEqualTo("UDP 53");
    assertThat(ports("{port: 32000, endPort: 32768, protocol: SCTP}"))
        .isEqualTo("SCTP 32000-32768");
    assertThat(ports("{protocol: UDP}")).isEqualTo("UDP 1-65535");
    assertThat(ports("{}")).isEqualTo("TCP 1-65535");
  }

  @Test
  void aNamedPortIsTheDestinationsOwnAndOfItsProtocol() {
    assertThat(ports("{port: web}")).isEqualTo("TCP 8080");
    assertThat(ports("{port: names}")).isEqualTo("nothing");
    assertThat(ports("{port: names, protocol: UDP}")).isEqualTo("UDP 53");
    String egress =
        policy("podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: web}]}]");
    assertThat(reach(egress, "here/client", "here/server")).isEqualTo("TCP 8080");
    assertThat(reach(egress, "here/client", "there/client")).isEqualTo("nothing");
    assertThat(reach(egress, "here/client", "outside 0.0.0.0/0, ::/0")).isEqualTo("nothing");
  }

  @Test
  void exceptIsTakenOutOfItsBlock() {
    String block =
        policy(
            "podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8,"
                + " except: [10.1.0.0/16]}}], ports: [{port: 443}]}]");
    assertThat(
            reach(
                block,
                "here/client",
                "outside 10.0.0.0/16 10.2.0.0/15 10.4.0.0/14"
                    + " 10.8.0.0/13 10.16.0.0/12 10.32.0.0/11 10.64.0.0/10 10.128.0.0/9"))
        .isEqualTo("TCP 443");
  }

  @Test
  void anIpBlockMatchesPodsOnlyInTheSecondAnswer() {
    String block = policy("podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.244.3.0/24}}]}]");
    ReachTable table = table(block, "10.244.0.0/16");
    Reach row = row(table, "there/client", "here/server");
    assertThat(row.ports()).isEqualTo("nothing");
    assertThat(row.portsIfBlocksMatchPods()).isEqualTo("all ports");
    assertThat(table(block, "10.245.0.0/16").rows())
        .noneMatch(
            other -> other.from().equals("there/client") && other.to().equals("here/server"));
  }

  @Test
  void bothDirectionsMustAllow() {
    String both =
        policy(
            "podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{ports: [{port: 80}, {port: 81}]}],"
                + " egress: [{ports: [{port: 81}, {port: 82}]}]");
    assertThat(reach(both, "here/client", "here/server")).isEqualTo("TCP 81");
    assertThat(reach(both, "there/client", "here/server")).isEqualTo("TCP 80-81");
  }

  @Test
  void podsOfTheNodesNetworkAreLeftOutAndNamed() {
    String host =
        """
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: agent, namespace: here}
        spec: {template: {spec: {hostNetwork: true, containers: [{name: main}]}}}
        """;
    ReachTable table = table(host, "10.244.0.0/16");
    assertThat(table.leftOut()).containsExactly("hostNetwork: here/agent");
    assertThat(table.rows()).noneMatch(row -> row.from().equals("here/agent"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "podSelector: {}, ingress: [{ports: [{port: 0}]}]",
        "podSelector: {}, ingress: [{ports: [{port: 65536}]}]",
        "podSelector: {}, ingress: [{ports: [{port: 90, endPort: 80}]}]",
        "podSelector: {}, ingress: [{ports: [{port: web, endPort: 80}]}]",
        "podSelector: {}, ingress: [{ports: [{endPort: 80}]}]",
        "podSelector: {}, ingress: [{ports: [{port: Not_A_Name}]}]",
        "podSelector: {}, ingress: [{ports: [{port: 80, protocol: tcp}]}]",
        "podSelector: {}, ingress: [{from: [{}]}]",
        "podSelector: {}, ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]",
        "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]",
        "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]",
        "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]",
        "podSelector: {}, policyTypes: [ingress]",
        "podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}",
        "podSelector: {matchExpressions: [{key: a, operator: In}]}",
        "podSelector: {matchExpressions: [{key: a, operator: Gt, values: [b]}]}",
      })
  void whatAnApiServerRefusesIsRefused(String spec) {
    assertThatThrownBy(() -> table(policy(spec), "10.244.0.0/16"))
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining("NetworkPolicy here/tried");
  }

  private static boolean matching(String expression) {
    String policy =
        policy(
            "podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: ["
                + expression
                + "]}}]}]");
    return reach(policy, "here/client", "here/server").equals("all ports");
  }

  private static String ports(String port) {
    return reach(
        policy("podSelector: {}, ingress: [{ports: [" + port + "]}]"),
        "here/client",
        "here/server");
  }

  private static String policy(String spec) {
    return "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        + "metadata: {name: tried, namespace: here}\nspec: {"
        + spec
        + "}\n";
  }

  private static String reach(String more, String from, String to) {
    return table(more, "10.244.0.0/16").rows().stream()
        .filter(row -> row.from().equals(from) && row.to().equals(to))
        .map(Reach::ports)
        .findFirst()
        .orElse("nothing");
  }

  private static Reach row(ReachTable table, String from, String to) {
    return table.rows().stream()
        .filter(row -> row.from().equals(from) && row.to().equals(to))
        .findFirst()
        .orElseThrow();
  }

  private static ReachTable table(String more, String podCidr) {
    return ReachTable.of(Manifests.parse("test", WORLD + more), List.of(podCidr));
  }
}
