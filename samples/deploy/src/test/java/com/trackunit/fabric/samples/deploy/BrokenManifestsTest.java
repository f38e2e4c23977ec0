// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Breaks a copy of the manifests in one place each, and reads what the check says. */
class BrokenManifestsTest {
  private static final String GATEWAY = "Deployment graph-gateway/graph-gateway";

  @TempDir private Path temp;
  private List<Manifest> objects = List.of();

  @BeforeEach
  void copy() throws IOException {
    ProjectFolder.copyTo(temp);
    // One overlay is enough here, and quick.
    for (String other : new DeployFolder(temp).overlays()) {
      if (!other.equals("kind")) {
        Files.delete(temp.resolve("overlays").resolve(other).resolve("kustomization.yaml"));
        Files.delete(temp.resolve("overlays").resolve(other));
      }
    }
    objects = List.copyOf(new DeployFolder(temp).kept("kind").objects());
  }

  @Test
  void aPortChanged() throws IOException {
    change("NetworkPolicy messaging/rabbitmq", policy -> port(policy, "ingress").put("port", 5673));
    assertFound("no longer graph-gateway/graph-gateway reaches messaging/rabbitmq on TCP 5672");
  }

  @Test
  void aServicesPortChanged() throws IOException {
    change(
        "Service graph-gateway/graph-gateway",
        service -> ((ObjectNode) service.at("/spec/ports/0")).put("targetPort", 8081));
    assertFound("Service graph-gateway/graph-gateway: leads to port 8081");
  }

  @Test
  void aPolicyDeleted() throws IOException {
    delete("NetworkPolicy graph-gateway/graph-gateway");
    assertFound(
        "no longer api-gateway/oauth2-proxy reaches graph-gateway/graph-gateway on TCP 8080");
  }

  @Test
  void everyoneLetInToRabbitMq() throws IOException {
    change(
        "NetworkPolicy messaging/rabbitmq",
        policy ->
            ((ArrayNode) policy.at("/spec/ingress/0/from"))
                .addObject()
                .putObject("ipBlock")
                .put("cidr", "0.0.0.0/0"));
    assertFound("now outside 0.0.0.0/0 reaches messaging/rabbitmq on TCP 5672");
    assertFound("where an ipBlock matches pods: TCP 5672");
  }

  @Test
  void aLabelMisspelt() throws IOException {
    change(
        "NetworkPolicy graph-gateway/graph-gateway",
        policy ->
            ((ObjectNode) policy.at("/spec/podSelector/matchLabels"))
                .put("app.kubernetes.io/name", "graph-gatway"));
    assertFound("NetworkPolicy graph-gateway/graph-gateway: selects no pod here");
    assertFound("no longer graph-gateway/graph-gateway reaches messaging/rabbitmq");
  }

  @Test
  void anUnknownField() throws IOException {
    change(GATEWAY, deployment -> ((ObjectNode) deployment.path("spec")).put("replica", 3));
    assertFound(
        GATEWAY + ": spec.replica: unknown field, DeploymentSpec has none of that name [fields]");
  }

  @Test
  void aFieldOfAnotherType() throws IOException {
    change(GATEWAY, deployment -> ((ObjectNode) deployment.path("spec")).put("replicas", "3"));
    assertFound(GATEWAY + ": spec.replicas: \"3\", expected integer [fields]");
  }

  @Test
  void rootAllowed() throws IOException {
    change(
        GATEWAY,
        deployment ->
            ((ObjectNode) deployment.at("/spec/template/spec/securityContext"))
                .remove("runAsNonRoot"));
    assertFound(GATEWAY + ": container graph-gateway may run as root");
  }

  @Test
  void aStrictClustersOtherRules() throws IOException {
    change(GATEWAY, BrokenManifestsTest::weaken);
    for (String rule :
        List.of(
            "no privilege escalation",
            "read-only root",
            "capabilities",
            "seccomp",
            "limits",
            "no latest tag",
            "automounted token",
            "volumes",
            "host",
            "probes",
            "graceful stop")) {
      assertFound(GATEWAY + ": ", "[" + rule + "]");
    }
  }

  @Test
  void aDefaultDenyRemoved() throws IOException {
    delete("NetworkPolicy messaging/default-deny");
    assertFound("Namespace messaging: has no policy that selects all pods", "[default-deny]");
  }

  @Test
  void aRouteThatBypassesOauth2Proxy() throws IOException {
    change("HTTPRoute api-gateway/graphql", BrokenManifestsTest::leadToKong);
    assertFound(
        "HTTPRoute api-gateway/graphql: a route leads to api-gateway/kong-kong-proxy:443 and"
            + " bypasses oauth2-proxy [edge]");
  }

  @Test
  void oneMorePath() throws IOException {
    change(
        "HTTPRoute api-gateway/graphql",
        route ->
            ((ArrayNode) route.at("/spec/rules/0/matches"))
                .addObject()
                .putObject("path")
                .put("type", "PathPrefix")
                .put("value", "/health"));
    assertFound("HTTPRoute api-gateway/graphql: a route takes", "expected exactly /graphql");
  }

  @Test
  void aTimeoutDropped() throws IOException {
    change(
        "Service api-gateway/oauth2-proxy",
        service ->
            ((ObjectNode) service.at("/metadata/annotations")).remove("konghq.com/read-timeout"));
    assertFound("HTTPRoute api-gateway/graphql: read_timeout is 60000 ms and would cut");
    assertFound("services[0].read_timeout is 60000, and 3600000 in kong.yml");
  }

  @Test
  void aPluginLeftOut() throws IOException {
    change(
        "HTTPRoute api-gateway/graphql",
        route ->
            ((ObjectNode) route.at("/metadata/annotations"))
                .put("konghq.com/plugins", "request-size,correlation-id"));
    assertFound("a route has only the plugins [correlation-id, request-size-limiting]");
  }

  @Test
  void aListenerWithoutTls() throws IOException {
    change(
        "Gateway api-gateway/kong",
        gateway -> ((ObjectNode) gateway.at("/spec/listeners/0")).put("protocol", "HTTP"));
    assertFound("Gateway api-gateway/kong: listens with \"HTTP\", expected HTTPS only");
  }

  @Test
  void aRouteThatSkipsTheTokenAtOauth2Proxy() throws IOException {
    change(
        objects.stream()
            .map(Manifest::id)
            .filter(id -> id.contains("ConfigMap api-gateway/oauth2"))
            .findFirst()
            .orElseThrow(),
        config -> {
          ObjectNode data = (ObjectNode) config.path("data");
          data.put(
              "oauth2-proxy.cfg",
              data.path("oauth2-proxy.cfg").asText() + "skip_auth_routes = [\"^/graphql\"]\n");
        });
    assertFound(
        "ConfigMap api-gateway/oauth2-proxy",
        "skip_auth_routes is an option that is not looked at");
  }

  @Test
  void aSecretThatNobodyMakes() throws IOException {
    change(
        GATEWAY,
        deployment ->
            ((ObjectNode) deployment.findParent("secretKeyRef").path("secretKeyRef"))
                .put("name", "other"));
    assertFound(GATEWAY + ": uses secret \"other\"", "which secrets.txt does not list");
  }

  private static void leadToKong(ObjectNode route) {
    ObjectNode backend = (ObjectNode) route.at("/spec/rules/0/backendRefs/0");
    backend.put("name", "kong-kong-proxy").put("port", 443);
  }

  private static void weaken(ObjectNode deployment) {
    ObjectNode spec = (ObjectNode) deployment.at("/spec/template/spec");
    spec.remove("automountServiceAccountToken");
    spec.remove("terminationGracePeriodSeconds");
    spec.put("hostPID", true);
    spec.withArray("volumes")
        .addObject()
        .put("name", "node")
        .putObject("hostPath")
        .put("path", "/");
    ((ObjectNode) spec.path("securityContext")).remove("seccompProfile");
    ObjectNode container = (ObjectNode) spec.at("/containers/0");
    container.put("image", "graph-gateway:latest");
    container.remove("livenessProbe");
    ((ObjectNode) container.at("/resources/limits")).remove("memory");
    ObjectNode context = (ObjectNode) container.path("securityContext");
    context.put("allowPrivilegeEscalation", true);
    context.remove("readOnlyRootFilesystem");
    context.remove("capabilities");
  }

  private static ObjectNode port(JsonNode policy, String direction) {
    return (ObjectNode) policy.at("/spec/" + direction + "/0/ports/0");
  }

  private void delete(String id) throws IOException {
    assertThat(objects).anyMatch(object -> object.id().equals(id));
    objects = objects.stream().filter(object -> !object.id().equals(id)).toList();
    write();
  }

  private void change(String id, Consumer<ObjectNode> change) throws IOException {
    List<Manifest> found = objects.stream().filter(object -> object.id().equals(id)).toList();
    assertThat(found).as(id).hasSize(1);
    change.accept(found.get(0).tree());
    write();
  }

  /** JSON is YAML. */
  private void write() throws IOException {
    String text =
        objects.stream()
            .map(object -> object.tree().toString())
            .collect(Collectors.joining("\n---\n"));
    assertThat(Manifests.parse("written", text)).hasSameSizeAs(objects);
    Files.writeString(temp.resolve("rendered/kind.yaml"), text);
  }

  private void assertFound(String... parts) {
    List<String> sentences =
        new ProjectCheck(new DeployFolder(temp), Optional.empty())
            .run().stream().map(Finding::toString).toList();
    assertThat(sentences)
        .anySatisfy(sentence -> assertThat(sentence).startsWith("kind: ").contains(parts));
  }
}
