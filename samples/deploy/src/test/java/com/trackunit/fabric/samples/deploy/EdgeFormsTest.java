// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.trackunit.fabric.samples.deploy.edge.Edge;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kong's three forms do the same, and each property is compared: changed in one form, the check
 * says so.
 */
class EdgeFormsTest {
  private final DeployFolder folder = ProjectFolder.folder();
  private final EdgeRules rules =
      new EdgeRules(folder.read(folder.path("components/kong-dbless/kong.yml")));

  @Test
  void theThreeFormsAreEqualWithEveryDefaultFilledIn() {
    List<Edge> edges =
        Stream.of("kind", "kind-ingress", "kind-dbless")
            .map(folder::kept)
            .flatMap(overlay -> EdgeRules.edges(overlay).stream())
            .toList();
    assertThat(edges).hasSize(3);
    assertThat(edges.stream().map(Edge::tree).distinct()).hasSize(1);
    assertThat(edges.get(0).routes()).hasSize(1);
    JsonNode route = edges.get(0).routes().get(0).route();
    assertThat(route.path("paths")).hasToString("[\"~/graphql$\"]");
    assertThat(route.path("hosts")).hasToString("[\"graphql.local\"]");
    assertThat(route.path("https_redirect_status_code").asInt()).isEqualTo(426);
    assertThat(route.at("/plugins/0/config")).isNotEmpty();
  }

  @ParameterizedTest(name = "{1} {2} in {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "kind | HTTPRoute | /spec/hostnames/0 | other.local | hosts",
        "kind | HTTPRoute | /spec/rules/0/matches/0/path/value | /graph | paths",
        "kind | HTTPRoute | /spec/rules/0/matches/0/path/type | PathPrefix | paths",
        "kind | HTTPRoute | /metadata/annotations/konghq.com~1protocols | http,https | protocols",
        "kind | HTTPRoute | /metadata/annotations/konghq.com~1strip-path | true | strip_path",
        "kind | HTTPRoute | /metadata/annotations/konghq.com~1preserve-host | false | preserve_host",
        "kind | HTTPRoute | /metadata/annotations/konghq.com~1plugins | rate-limit | plugins",
        "kind-ingress | Ingress | /spec/rules/0/host | other.local | hosts",
        "kind-ingress | Ingress | /spec/rules/0/http/paths/0/path | /graph | paths",
        "kind-ingress | Ingress | /spec/rules/0/http/paths/0/pathType | Prefix | paths",
        "kind-ingress | Ingress | /metadata/annotations/konghq.com~1protocols | http | protocols",
        "kind-ingress | Ingress | /metadata/annotations/konghq.com~1strip-path | true | strip_path",
        "kind-ingress | Ingress | /metadata/annotations/konghq.com~1preserve-host | false | preserve_host",
        "kind-ingress | Ingress | /metadata/annotations/konghq.com~1plugins | rate-limit | plugins",
        "kind-ingress | Ingress | /spec/tls/0/secretName | other | certificate",
        "kind | Gateway | /spec/listeners/0/tls/certificateRefs/0/name | other | certificate",
      })
  void aChangedRouteIsTold(
      String overlay, String kind, String pointer, String value, String property) {
    assertThat(changed(overlay, kind, "", pointer, value))
        .anySatisfy(sentence -> assertThat(sentence).contains(property).contains("in kong.yml"));
  }

  @ParameterizedTest(name = "{1} in {0}")
  @CsvSource({
    "kind, retries, 5",
    "kind, connect-timeout, 60000",
    "kind, read-timeout, 700000",
    "kind, write-timeout, 700000",
    "kind, protocol, https",
    "kind-ingress, retries, 5",
    "kind-ingress, connect-timeout, 60000",
    "kind-ingress, read-timeout, 700000",
    "kind-ingress, write-timeout, 700000",
    "kind-ingress, protocol, https",
  })
  void aChangedAnnotationOfTheServiceIsTold(String overlay, String setting, String value) {
    assertThat(
            changed(
                overlay,
                "Service",
                "oauth2-proxy",
                "/metadata/annotations/konghq.com~1" + setting,
                value))
        .anySatisfy(sentence -> assertThat(sentence).contains(setting.replace('-', '_') + " is "));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "rate-limit, /config/minute, 3000",
    "rate-limit, /config/limit_by, consumer",
    "rate-limit, /config/policy, redis",
    "request-size, /config/allowed_payload_size, 1",
    "request-size, /config/size_unit, bytes",
    "correlation-id, /config/header_name, x-id",
    "correlation-id, /config/generator, tracker",
    "correlation-id, /config/echo_downstream, no",
  })
  void aChangedPluginIsTold(String plugin, String pointer, String value) {
    for (String overlay : List.of("kind", "kind-ingress")) {
      assertThat(changed(overlay, "KongPlugin", plugin, pointer, value))
          .anySatisfy(
              sentence ->
                  assertThat(sentence)
                      .contains("config." + pointer.substring(pointer.lastIndexOf('/') + 1)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hosts: [graphql.local] | hosts: [other.local] | hosts",
        "paths: [\"~/graphql$\"] | paths: [/graphql] | paths",
        "protocols: [https] | protocols: [http, https] | protocols",
        "strip_path: false | strip_path: true | strip_path",
        "strip_path: false | # the default | strip_path",
        "preserve_host: true | # the default | preserve_host",
        "retries: 1 | # the default | retries",
        "connect_timeout: 5000 | # the default | connect_timeout",
        "read_timeout: 3600000 | # the default | read_timeout",
        "write_timeout: 3600000 | # the default | write_timeout",
        "port: 4180 | port: 8080 | upstream",
        "minute: 300 | second: 300 | config.minute",
        "policy: local | policy: redis | config.policy",
      })
  void aChangedFileIsTold(String line, String other, String property) {
    Overlay overlay = folder.kept("kind-dbless");
    ObjectNode data =
        (ObjectNode)
            overlay
                .ofKind("ConfigMap")
                .map(map -> map.tree().path("data"))
                .filter(map -> map.has("kong.yml"))
                .findFirst()
                .orElseThrow();
    String file = data.path("kong.yml").asText();
    assertThat(file).contains(line);
    data.put("kong.yml", file.replace(line, other));
    assertThat(rules.check(overlay).map(Finding::toString))
        .anySatisfy(sentence -> assertThat(sentence).contains(property));
  }

  private List<String> changed(
      String name, String kind, String object, String pointer, String value) {
    Overlay overlay = folder.kept(name);
    Manifest found =
        overlay
            .ofKind(kind)
            .filter(one -> object.isEmpty() || one.name().equals(object))
            .findFirst()
            .orElseThrow();
    int last = pointer.lastIndexOf('/');
    JsonNode parent = found.tree().at(pointer.substring(0, last));
    String field = pointer.substring(last + 1).replace("~1", "/");
    assertThat(found.tree().at(pointer).isMissingNode()).isFalse();
    if (parent instanceof ObjectNode node) {
      node.put(field, value);
    } else {
      ((ArrayNode) parent).set(Integer.parseInt(field), value);
    }
    return rules.check(overlay).map(Finding::toString).toList();
  }
}
