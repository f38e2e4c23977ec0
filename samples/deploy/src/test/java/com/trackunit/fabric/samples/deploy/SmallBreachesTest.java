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
import org.junit.jupiter.params.provider.ValueSource;

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
        // What is added beside all that is asked for.
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/initContainers | [{name: init, image: x:1}] | init: is a container, which containers.yaml does not list",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/ephemeralContainers | [{name: debug}] | has ephemeralContainers in its pods",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/hostAliases | [{ip: 192.0.2.1}] | has hostAliases in its pods",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/shareProcessNamespace | true | has shareProcessNamespace in its pods",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/securityContext/runAsGroup | 0 | no runAsUser or runAsGroup 0",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/securityContext/supplementalGroups | [0] | has supplementalGroups in its pods",
        "Deployment graph-gateway/graph-gateway | /spec/template/metadata/annotations | {container.apparmor.security.beta.kubernetes.io/graph-gateway: unconfined} | changes its confinement",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/terminationGracePeriodSeconds | 0 | does not say how long it may take to stop",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/securityContext/procMount | Unmasked | has procMount in container graph-gateway",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/securityContext/appArmorProfile | {type: Unconfined} | has appArmorProfile in container graph-gateway",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/image | kong@sha256:0123 | is another one tomorrow",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/image | \"kong:\" | is another one tomorrow",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/command | [sh] | has command [\"sh\"], which containers.yaml does not list",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/envFrom | [{secretRef: {name: graph-gateway}}] | has envFrom",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/lifecycle/postStart | {exec: {command: [sh]}} | has lifecycle.postStart",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/livenessProbe/httpGet/host | example.org | is asked at another host",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/env/+ | {name: DB_PASSWORD, value: x} | is told env.DB_PASSWORD",
        "Deployment graph-gateway/graph-gateway | /spec/template/spec/containers/0/env/6 | {name: RABBIT_PASS, value: my-rabbit-password} | env.RABBIT_PASS is",
        "Deployment api-gateway/oauth2-proxy | /spec/template/spec/containers/0/env/+ | {name: OAUTH2_PROXY_SKIP_AUTH_ROUTES, value: '^/'} | is told env.OAUTH2_PROXY_SKIP_AUTH_ROUTES",
        "Deployment api-gateway/oauth2-proxy | /spec/template/spec/containers/0/env/3/value | 0.0.0.0/0 | env.OAUTH2_PROXY_TRUSTED_PROXY_IPS is",
        "Deployment api-gateway/oauth2-proxy | /spec/template/spec/containers/0/env/0/value | https://example.org/t/v2.0 | env.OAUTH2_PROXY_OIDC_ISSUER_URL is",
        "Deployment api-gateway/oauth2-proxy | /spec/template/spec/containers/0/args/+ | --skip-auth-regex=^/ | args is",
        "Deployment api-gateway/kong | /spec/template/spec/containers/1/env/+ | {name: KONG_STREAM_LISTEN, value: '0.0.0.0:9000'} | is told env.KONG_STREAM_LISTEN",
        "NetworkPolicy messaging/rabbitmq | /spec/ingress/0/from/+ | {podSelector: {matchLabels: {app: later}}} | names pods that are not here: namespaces its own, pods app=later",
        "NetworkPolicy graph-gateway/graph-gateway | /spec/egress/+ | {to: [{namespaceSelector: {matchLabels: {team: later}}}]} | names pods that are not here: namespaces team=later",
        "NetworkPolicy messaging/rabbitmq | /spec/podSelector | {matchExpressions: [{key: later, operator: Exists}]} | messaging/rabbitmq: selects no pod here",
        "Service messaging/rabbitmq | /spec/externalIPs | [203.0.113.7] | has externalIPs, which no Service here needs",
        "Service api-gateway/kong-kong-proxy | /spec/ports/+ | {name: status, port: 8100, targetPort: status} | expected 443 only",
        "Service api-gateway/oauth2-proxy | /metadata/annotations/konghq.com~1plugins | x | konghq.com/plugins is not read here",
        "PodDisruptionBudget api-gateway/kong | /spec/selector/matchLabels | {app.kubernetes.io/name: oauth2-proxy} | has two PodDisruptionBudgets",
        "HTTPRoute api-gateway/graphql | /spec/parentRefs/+ | {name: other} | 2 parentRefs, expected one",
        "HTTPRoute api-gateway/graphql | /spec/rules/0/backendRefs/0/kind | KongServiceFacade | expected a Service",
        "HTTPRoute api-gateway/graphql | /spec/rules/0/backendRefs/0/weight | 0 | expected a Service",
        "Gateway api-gateway/kong | /spec/listeners/0/port | 80 | expected port 443",
        "Gateway api-gateway/kong | /spec/listeners/0/tls/mode | Passthrough | TLS ended here",
        "Gateway api-gateway/kong | /spec/listeners/0/allowedRoutes/namespaces/from | All | routes of that namespace only",
        "Gateway api-gateway/kong | /spec/listeners/0/hostname | \"*.local\" | listens for any host",
        "ClusterRole kong-controller | /rules/+ | {apiGroups: ['*'], resources: ['*'], verbs: ['*']} | gives more than",
        "ClusterRole kong-controller | /rules/+ | {apiGroups: [''], resources: [secrets], verbs: [get]} | gives more than",
        "Role api-gateway/kong-controller | /rules/+ | {apiGroups: [''], resources: [pods/exec], verbs: [create]} | gives more than",
        "ClusterRoleBinding kong-controller | /subjects/+ | {kind: ServiceAccount, name: graph-gateway, namespace: graph-gateway} | expected api-gateway/kong alone",
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
        "\"vhosts\": | \"policies\": [], \"vhosts\": | has policies, expected only",
        "{\"name\": \"/\"} | {\"name\": \"/\"}, {\"name\": \"x\"} | makes the virtual hosts",
        "\"x-delivery-limit\": | \"x-message-ttl\": 1, \"x-delivery-limit\": | has [x-message-ttl]",
        "\"internal\": false | \"internal\": true | is internal or has arguments",
        "\"destination_type\": \"queue\" | \"destination_type\": \"exchange\" | binds other than to a queue",
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

  /** TOML takes spaces before a key, and a key in quotes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "  skip_auth_routes = [\"^/\"]",
        "\"skip_auth_routes\" = [\"^/\"]",
        "extra_jwt_issuers = [\"https://example.org=x\"]",
        "client_secret = \"x\"",
        "[other]"
      })
  void anOptionMoreOfOauth2ProxyIsTold(String line) {
    Overlay overlay = folder.kept("kind");
    ObjectNode data =
        overlay
            .ofKind("ConfigMap")
            .map(map -> (ObjectNode) map.tree().path("data"))
            .filter(map -> map.has("oauth2-proxy.cfg"))
            .findFirst()
            .orElseThrow();
    data.put("oauth2-proxy.cfg", data.path("oauth2-proxy.cfg").asText() + line + "\n");
    assertThat(told(overlay))
        .anySatisfy(
            finding -> assertThat(finding).contains("an option that is not looked at here"));
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
