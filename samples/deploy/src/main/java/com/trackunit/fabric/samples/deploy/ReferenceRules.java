// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What an object names must be there: config maps and secrets with the keys that are asked for,
 * service accounts, roles, classes and the services behind routes. No secret lies in a manifest,
 * and nothing lies there that nobody names.
 */
final class ReferenceRules implements Rule {
  /** Every namespace has it from the cluster itself. */
  private static final String CLUSTER_CA = "kube-root-ca.crt";

  /** Stands for a use that takes whatever keys there are. */
  private static final String ALL_KEYS = "*";

  private static final Set<String> CLUSTER_CA_KEYS = Set.of("ca.crt");

  private final Map<String, Set<String>> secrets;

  /**
   * @param secrets which secrets the one who deploys makes, as {@code namespace/name}, and their
   *     keys
   */
  ReferenceRules(Map<String, Set<String>> secrets) {
    this.secrets = secrets;
  }

  @Override
  public Stream<Finding> check(Overlay overlay) {
    return new Check(overlay, secrets).run();
  }

  /** The check of one overlay. */
  private static final class Check {
    private final Overlay overlay;
    private final Map<String, Set<String>> secrets;
    private final List<Finding> findings = new ArrayList<>();

    /** Keys that are read, of config maps as {@code namespace/name}, and of secrets. */
    private final Map<String, Set<String>> usedKeys = new HashMap<>();

    /** What was named and is here, by its id. */
    private final Set<String> named = new HashSet<>();

    Check(Overlay overlay, Map<String, Set<String>> secrets) {
      this.overlay = overlay;
      this.secrets = secrets;
    }

    Stream<Finding> run() {
      overlay
          .ofKind("Secret")
          .forEach(secret -> add(secret, "secrets", "is in the manifests: make it in the cluster"));
      overlay.workloads().forEach(this::workload);
      overlay.ofKind("RoleBinding").forEach(this::binding);
      overlay.ofKind("ClusterRoleBinding").forEach(this::binding);
      overlay.ofKind("Ingress").forEach(this::ingress);
      overlay.ofKind("Gateway").forEach(this::gateway);
      overlay.ofKind("HTTPRoute").forEach(this::route);
      for (String kind :
          List.of("ConfigMap", "ServiceAccount", "Role", "ClusterRole", "KongPlugin")) {
        overlay
            .ofKind(kind)
            .filter(object -> !named.contains(object.id()))
            .forEach(object -> add(object, "unused", "is named by nothing here"));
      }
      overlay.ofKind("ConfigMap").forEach(this::unusedKeys);
      unusedSecrets();
      overlay
          .ofKind("ServiceAccount")
          .filter(account -> account.tree().path("automountServiceAccountToken").asBoolean(true))
          .forEach(
              account ->
                  add(
                      account,
                      "automounted token",
                      "gives its token to every pod: expected automountServiceAccountToken: false"));
      return findings.stream();
    }

    private void workload(Manifest workload) {
      JsonNode pod = Overlay.pod(workload).path("spec");
      must(workload, "service account", "ServiceAccount", pod.path("serviceAccountName"));
      for (String field : List.of("configMap", "configMapRef")) {
        pod.findValues(field)
            .forEach(use -> items(use, key -> configMap(workload, use.path("name"), key)));
      }
      pod.findValues("configMapKeyRef")
          .forEach(use -> configMap(workload, use.path("name"), use.path("key").asText()));
      pod.findValues("secretKeyRef")
          .forEach(use -> secret(workload, use.path("name"), use.path("key").asText()));
      for (String field : List.of("secret", "secretRef")) {
        for (JsonNode use : pod.findValues(field)) {
          JsonNode name = use.has("secretName") ? use.path("secretName") : use.path("name");
          items(use, key -> secret(workload, name, key));
        }
      }
    }

    private static void items(JsonNode use, Consumer<String> take) {
      use.path("items").forEach(item -> take.accept(item.path("key").asText()));
      if (use.path("items").isEmpty()) {
        take.accept(ALL_KEYS);
      }
    }

    private void configMap(Manifest workload, JsonNode name, String key) {
      if (name.asText().equals(CLUSTER_CA)) {
        if (!CLUSTER_CA_KEYS.contains(key)) {
          add(workload, "config map", CLUSTER_CA + " has no key " + key);
        }
        return;
      }
      Optional<Manifest> map = must(workload, "config map", "ConfigMap", name);
      use(workload.namespace() + "/" + name.asText(), key);
      if (map.isPresent() && !key.equals(ALL_KEYS) && !map.get().tree().path("data").has(key)) {
        add(workload, "config map", name + " has no key " + key);
      }
    }

    private void secret(Manifest user, JsonNode name, String key) {
      String id = user.namespace() + "/" + name.asText();
      Set<String> keys = secrets.get(id);
      use("secret " + id, key);
      if (keys == null || (!key.equals(ALL_KEYS) && !keys.contains(key))) {
        add(
            user,
            "secrets",
            "uses secret " + name + ", key " + key + ", which secrets.txt does not list");
      }
    }

    private void use(String id, String key) {
      usedKeys.computeIfAbsent(id, none -> new HashSet<>()).add(key);
    }

    private void unusedKeys(Manifest map) {
      Set<String> used = usedKeys.getOrDefault(map.namespace() + "/" + map.name(), Set.of());
      map.tree()
          .path("data")
          .fieldNames()
          .forEachRemaining(
              key -> {
                if (!used.contains(key) && !used.contains(ALL_KEYS)) {
                  add(map, "unused", "has the key " + key + ", which nothing reads");
                }
              });
    }

    /** Those of the namespaces that are here. */
    private void unusedSecrets() {
      secrets.forEach(
          (id, keys) -> {
            Set<String> used = usedKeys.getOrDefault("secret " + id, Set.of());
            String namespace = id.substring(0, id.indexOf('/'));
            if (overlay.find("Namespace", "", namespace).isPresent()
                && !used.containsAll(keys)
                && !used.contains(ALL_KEYS)) {
              findings.add(
                  new Finding(
                      overlay.name() + ": secret " + id, "unused", "nothing reads all of " + keys));
            }
          });
    }

    private void binding(Manifest binding) {
      JsonNode role = binding.tree().path("roleRef");
      must(binding, "rights", role.path("kind").asText(), role.path("name"));
      JsonNode subjects = binding.tree().path("subjects");
      if (subjects.isEmpty()) {
        add(binding, "rights", "gives rights to nobody");
      }
      for (JsonNode subject : subjects) {
        if (overlay
            .find(
                subject.path("kind").asText(),
                subject.path("namespace").asText(),
                subject.path("name").asText())
            .isEmpty()) {
          add(binding, "rights", "gives rights to " + subject + ", who is not here");
        }
      }
    }

    private void ingress(Manifest ingress) {
      JsonNode spec = ingress.tree().path("spec");
      plugins(ingress);
      must(ingress, "class", "IngressClass", spec.path("ingressClassName"));
      Set<String> covered = new TreeSet<>();
      for (JsonNode tls : spec.path("tls")) {
        secret(ingress, tls.path("secretName"), ALL_KEYS);
        tls.path("hosts").forEach(host -> covered.add(host.asText()));
      }
      for (JsonNode rule : spec.path("rules")) {
        if (!covered.contains(rule.path("host").asText())) {
          add(ingress, "tls", "has no certificate for " + rule.path("host"));
        }
        for (JsonNode path : rule.at("/http/paths")) {
          JsonNode service = path.at("/backend/service");
          backend(ingress, service.path("name"), service.path("port").findPath("number"));
        }
      }
    }

    private void gateway(Manifest gateway) {
      JsonNode spec = gateway.tree().path("spec");
      must(gateway, "class", "GatewayClass", spec.path("gatewayClassName"));
      for (JsonNode listener : spec.path("listeners")) {
        JsonNode certificates = listener.at("/tls/certificateRefs");
        if (certificates.size() != 1) {
          add(gateway, "tls", "listener " + listener.path("name") + " has not one certificate");
        }
        certificates.forEach(certificate -> secret(gateway, certificate.path("name"), ALL_KEYS));
      }
    }

    private void route(Manifest route) {
      for (JsonNode rule : route.tree().at("/spec/rules")) {
        rule.path("backendRefs")
            .forEach(backend -> backend(route, backend.path("name"), backend.path("port")));
      }
      plugins(route);
    }

    /** One that is named and not here is a finding of the edge's rules. */
    private void plugins(Manifest route) {
      for (String plugin : route.annotation("konghq.com/plugins").split(",", -1)) {
        overlay
            .find("KongPlugin", route.namespace(), plugin)
            .ifPresent(found -> named.add(found.id()));
      }
    }

    private void backend(Manifest route, JsonNode name, JsonNode port) {
      Optional<Manifest> service = must(route, "backend", "Service", name);
      if (service.isPresent()
          && !service.get().tree().at("/spec/ports").findValues("port").contains(port)) {
        add(route, "backend", "leads to port " + port + ", which the Service does not have");
      }
    }

    private Optional<Manifest> must(Manifest user, String rule, String kind, JsonNode name) {
      Optional<Manifest> found = overlay.find(kind, user.namespace(), name.asText());
      Optional<Manifest> clusterWide =
          found.isPresent() ? found : overlay.find(kind, "", name.asText());
      if (clusterWide.isEmpty()) {
        add(user, rule, kind + " '" + name.asText() + "' is not here");
      }
      clusterWide.ifPresent(object -> named.add(object.id()));
      return clusterWide;
    }

    private void add(Manifest object, String rule, String sentence) {
      findings.add(overlay.finding(object, rule, sentence));
    }
  }
}
