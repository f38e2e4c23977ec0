// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Makes network policies for the four pods of {@link #PODS}, from a seed. */
final class PolicyGenerator {
  static final String PODS =
      """
      {apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {team: one}}}
      ---
      {apiVersion: v1, kind: Namespace, metadata: {name: b, labels: {team: two, open: "yes"}}}
      ---
      {apiVersion: v1, kind: Pod, metadata: {name: x, namespace: a, labels: {app: x, tier: front, zone: ""}},
       spec: {containers: [{name: m, ports: [{name: web, containerPort: 80}]}]}}
      ---
      {apiVersion: v1, kind: Pod, metadata: {name: w, namespace: a, labels: {app: w}},
       spec: {containers: [{name: m, ports: [{name: web, containerPort: 8080}]}]}}
      ---
      {apiVersion: v1, kind: Pod, metadata: {name: x, namespace: b, labels: {app: x, tier: back}},
       spec: {containers: [{name: m, ports: [{name: names, containerPort: 53, protocol: UDP}]}]}}
      ---
      {apiVersion: v1, kind: Pod, metadata: {name: z, namespace: b, labels: {app: z, tier: front}},
       spec: {containers: [{name: m}]}}
      """;

  private final Random random;

  PolicyGenerator(long seed) {
    random = new Random(seed);
  }

  /** One to six policies, each a document of its own. */
  List<String> policies() {
    List<String> policies = new ArrayList<>();
    int count = 1 + random.nextInt(6);
    for (int i = 0; i < count; i++) {
      policies.add(
          "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p"
              + i
              + ", namespace: "
              + pick("a", "b")
              + "}, spec: {podSelector: "
              + podSelector()
              + pick(
                  "",
                  "",
                  ", policyTypes: [Ingress]",
                  ", policyTypes: [Egress]",
                  ", policyTypes: [Ingress, Egress]")
              + rules("ingress", "from")
              + rules("egress", "to")
              + "}}");
    }
    return policies;
  }

  private String rules(String direction, String peers) {
    return maybe(() -> ", " + direction + ": [" + list(2, () -> rule(peers)) + "]");
  }

  private String rule(String peers) {
    String both =
        maybe(() -> peers + ": [" + list(3, this::peer) + "], ")
            + maybe(() -> "ports: [" + list(2, this::port) + "], ");
    return "{" + (both.isEmpty() ? "" : both.substring(0, both.length() - 2)) + "}";
  }

  private String peer() {
    return switch (random.nextInt(5)) {
      case 0 -> "{podSelector: " + podSelector() + "}";
      case 1 -> "{namespaceSelector: " + namespaceSelector() + "}";
      case 2 ->
          "{namespaceSelector: " + namespaceSelector() + ", podSelector: " + podSelector() + "}";
      default -> "{ipBlock: " + block() + "}";
    };
  }

  private String block() {
    return pick(
        "{cidr: 10.244.0.0/16}",
        "{cidr: 0.0.0.0/0}",
        "{cidr: 0.0.0.0/0, except: [10.244.0.0/16]}",
        "{cidr: 0.0.0.0/0, except: [10.0.0.0/8, 192.168.0.0/16]}",
        "{cidr: 203.0.113.0/24}",
        "{cidr: 203.0.113.0/24, except: [203.0.113.7/32]}",
        "{cidr: 192.168.5.5/32}",
        "{cidr: '::/0'}",
        "{cidr: '::/0', except: ['fc00::/7', '64:ff9b::/96']}",
        "{cidr: '2001:db8::/31', except: ['2001:db8::7/128']}",
        "{cidr: 'fd00:10:244::/64'}");
  }

  private String port() {
    return pick(
        "{port: 80}",
        "{port: 80, protocol: TCP}",
        "{port: 53, protocol: UDP}",
        "{port: web}",
        "{port: names, protocol: UDP}",
        "{port: 100, endPort: 9000}",
        "{protocol: UDP}",
        "{protocol: SCTP}",
        "{}");
  }

  private String podSelector() {
    return pick(
        "{}",
        "{matchLabels: {app: x}}",
        "{matchLabels: {tier: front}}",
        "{matchLabels: {app: x, tier: back}}",
        "{matchExpressions: [{key: app, operator: In, values: [x, z]}]}",
        "{matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}",
        "{matchExpressions: [{key: tier, operator: Exists}]}",
        "{matchExpressions: [{key: zone, operator: Exists}]}",
        "{matchExpressions: [{key: zone, operator: NotIn, values: ['']}]}",
        "{matchLabels: {zone: ''}}",
        "{matchExpressions: [{key: tier, operator: DoesNotExist}]}");
  }

  private String namespaceSelector() {
    return pick(
        "{}",
        "{matchLabels: {team: one}}",
        "{matchLabels: {kubernetes.io/metadata.name: b}}",
        "{matchExpressions: [{key: open, operator: DoesNotExist}]}");
  }

  private String list(int most, Supplier<String> item) {
    List<String> items = new ArrayList<>();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      items.add(item.get());
    }
    return String.join(", ", items);
  }

  private String maybe(Supplier<String> text) {
    return random.nextBoolean() ? text.get() : "";
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
