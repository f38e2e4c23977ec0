// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Breaches that are easily overlooked, each of one field in one object. */
class SmallBreachesTest {
  private final DeployFolder folder = ProjectFolder.folder();

  /** A step {@code +} adds to a list or an object; what is set is YAML. */
  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        // Policies: what one end alone allows.
        "NetworkPolicy messaging/rabbitmq | /spec/ingress/0/ports/+ | {port: 15672} | TCP 15672 is let in and not out",
        "NetworkPolicy messaging/rabbitmq | /spec/ingress/0/ports/0/endPort | 5673 | TCP 5673 is let in and not out",
        "NetworkPolicy messaging/rabbitmq | /spec/ingress/0/from/0/podSelector | {} | stranger",
        "NetworkPolicy messaging/rabbitmq | /spec/ingress/0/from/0/namespaceSelector | {} | twin-of",
        "NetworkPolicy graph-gateway/graph-gateway | /spec/egress/0/ports/+ | {port: 4369} | TCP 4369 is let out and not in",
        "NetworkPolicy graph-gateway/graph-gateway | /spec/podSelector | {} | stranger-without-labels",
        "NetworkPolicy graph-gateway/graph-gateway | /spec/egress/0/to/0/namespaceSelector | {} | twin-of-messaging-rabbitmq",
        "NetworkPolicy graph-gateway/graph-gateway | /spec/egress/2/to/0/ipBlock/except | [0.0.0.0/8] | does not except [10.0.0.0/8",
        "NetworkPolicy graph-gateway/graph-gateway | /spec/egress/1/to | [] | elsewhere than at kube-dns",
        "NetworkPolicy graph-gateway/graph-gateway | /spec/policyTypes | [Ingress] | TCP 5672 is let in and not out",
        "NetworkPolicy messaging/default-deny | /spec/ingress | [{}] | has no policy that selects all pods",
        // Values that a server refuses.
        "NetworkPolicy messaging/rabbitmq | /spec/ingress/0/ports/0/protocol | tcp | ports[0].protocol is \"tcp\", expected one of [TCP, UDP, SCTP]",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/resources/limits/memory | 768MB | limits is {",
        "Deployment graph-gateway/graph-gateway | /spec/template/metadata/labels/+ team | a b | labels is {",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/ports/0/containerPort | 80800 | containerPort is 80800, expected the form port",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/imagePullPolicy | always | expected one of [Always, IfNotPresent, Never]",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/env/+ | {name: RABBIT_HOST, value: x} | env has two of [name] [RABBIT_HOST]",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/volumes/0/hostPath | {path: /} | expected exactly one of",
        "Service graph-gateway/graph-gateway | /spec/type | ClusterIp | expected one of [ClusterIP",
        "Service graph-gateway/graph-gateway | /metadata/name | Graph_Gateway | which this kind may not be called",
        "Gateway api-gateway/kong | /spec/listeners/0/tls/mode | terminate | expected one of [Terminate, Passthrough]",
        "HTTPRoute api-gateway/graphql | /spec/rules/0/matches/0/path/type | exact | expected one of [Exact",
        "KongPlugin api-gateway/rate-limit | /run_on | third | expected one of [first, second, all]",
        "PodDisruptionBudget graph-gateway/graph-gateway | /spec/minAvailable | 1 | expected at most one of",
        // What one object says of another.
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/livenessProbe/httpGet/port | 9090 | livenessProbe asks port 9090",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/volumeMounts/0/name | temp | mounts 'temp', and there is no such volume",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/serviceAccountName | nobody | ServiceAccount 'nobody' is not here",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/env/5/valueFrom/secretKeyRef/key | user | key user, which secrets.txt does not list",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/env/2/value | rabbitmq.messging.svc.cluster.local | no such Service",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/topologySpreadConstraints/0/labelSelector/matchLabels | {app: x} | expected its own",
        "Deployment graph-gateway/graph-gateway | /spec/replicas | 2 | has 2, expected 3",
        "Deployment api-gateway/oauth2-proxy | /spec/template/spec/containers/0/env/0/value | https://login.microsoftonline.com/TENANT/v2.0 | is still",
        "StatefulSet messaging/rabbitmq | /spec/template/spec/volumes/2/configMap/items/0/key | rabbit.conf | has no key rabbit.conf",
        "StatefulSet messaging/rabbitmq | /spec/template/spec/containers/0/volumeMounts/2/subPath | rabbit.conf | of a volume that has only",
        "StatefulSet messaging/rabbitmq | /spec/template/spec/containers/0/volumeMounts/2/readOnly | false | for writing",
        "StatefulSet messaging/rabbitmq | /spec/serviceName | rabbit | names the Service 'rabbit', not here",
        "StatefulSet messaging/rabbitmq | /spec/template/spec/securityContext/fsGroup | \"999\" | expected long",
        "PodDisruptionBudget graph-gateway/graph-gateway | /spec/selector/matchLabels | {app: x} | selects 0 workloads",
        "PodDisruptionBudget graph-gateway/graph-gateway | /spec/maxUnavailable | 0 | lets no pod go",
        "HTTPRoute api-gateway/graphql | /spec/rules/0/backendRefs/0/port | 8080 | leads to port 8080, which the Service does not have",
        "Gateway api-gateway/kong | /spec/gatewayClassName | king | GatewayClass 'king' is not here",
        "Gateway api-gateway/kong | /spec/listeners/0/tls/certificateRefs/0/name | tls | uses secret \"tls\"",
        "RoleBinding api-gateway/kong-controller | /subjects/0/name | kang | who is not here",
        "RoleBinding api-gateway/kong-controller | /roleRef/name | cluster-admin | Role 'cluster-admin' is not here",
        "ServiceAccount messaging/rabbitmq | /automountServiceAccountToken | true | gives its token to every pod",
        // A strict cluster's rules.
        "Deployment api-gateway/kong | /spec/template/spec/containers/1/securityContext/runAsUser | 0 | may run as root",
        "Deployment api-gateway/kong | /spec/template/spec/containers/0/ports/0/hostPort | 443 | takes a port of its node",
        "Deployment api-gateway/kong | /spec/template/spec/containers/0/image | kong | is another one tomorrow",
        "Deployment api-gateway/kong | /spec/template/spec/containers/0/securityContext/capabilities/add | [NET_BIND_SERVICE] | keeps capabilities",
        "Service api-gateway/kong-kong-proxy | /spec/externalTrafficPolicy | Cluster | would count nodes, not clients",
        "Service messaging/rabbitmq | /spec/type | NodePort | Kong alone is called from outside",
        "Namespace messaging | /metadata/labels/pod-security.kubernetes.io~1enforce | baseline | does not enforce restricted",
        "GatewayClass kong | /metadata/annotations/konghq.com~1gatewayclass-unmanaged | \"false\" | is not annotated",
      })
  void isTold(String id, String pointer, String yaml, String sentence) {
    Overlay overlay = folder.kept("kind");
    Manifest object =
        overlay.objects().stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
    set(object.tree(), pointer, Manifests.tree("value", yaml));
    assertThat(told(overlay))
        .anySatisfy(finding -> assertThat(finding).startsWith("kind").contains(sentence));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"read\": \"^$\" | \"read\": \".*\" | svc-messaging-bridge may read",
        "\"type\": \"direct\" | \"type\": \"topic\" | exchanges are",
        "\"routing_key\": \"analysis.request\" | \"routing_key\": \"\" | bindings are",
        "\"^(tu\\\\.image | \"(tu\\\\.image | svc-messaging-bridge may configure",
        "\"x-delivery-limit\": 20 | \"x-expires\": 20 | does not set aside in orchestrator.dead",
        "\"vhosts\": | \"users\": [], \"vhosts\": | they belong into the secret",
      })
  void aChangedDefinitionOfRabbitMqIsTold(String text, String other, String sentence) {
    Overlay overlay = folder.kept("kind");
    ObjectNode data =
        overlay
            .ofKind("ConfigMap")
            .map(map -> (ObjectNode) map.tree().path("data"))
            .filter(map -> map.has("10-fabric.json"))
            .findFirst()
            .orElseThrow();
    String file = data.path("10-fabric.json").asText();
    assertThat(file).contains(text);
    data.put("10-fabric.json", file.replace(text, other));
    assertThat(told(overlay)).anySatisfy(finding -> assertThat(finding).contains(sentence));
  }

  private List<String> told(Overlay overlay) {
    ProjectCheck check = new ProjectCheck(folder, Optional.empty());
    List<String> told = new ArrayList<>();
    check.objects(overlay).forEach(finding -> told.add(finding.toString()));
    try {
      check.reach(overlay).forEach(finding -> told.add(finding.toString()));
    } catch (ManifestException e) {
      told.add("kind: " + e.getMessage());
    }
    return told;
  }

  private static void set(ObjectNode tree, String pointer, JsonNode value) {
    int last = pointer.lastIndexOf('/');
    JsonNode parent = tree.at(pointer.substring(0, last));
    String field = pointer.substring(last + 1).replace("~1", "/").replace("+ ", "");
    assertThat(parent.isMissingNode()).as(pointer).isFalse();
    if (parent instanceof ArrayNode list) {
      if (field.equals("+")) {
        list.add(value);
      } else {
        list.set(Integer.parseInt(field), value);
      }
    } else {
      ((ObjectNode) parent).set(field, value);
    }
  }
}
