// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a strict cluster asks of pods: the Pod Security Standard {@code restricted}, and beyond it a
 * read-only root, limits, probes, a fixed image and no token that nobody uses.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/security/pod-security-standards/">Pod Security
 *     Standards</a>
 */
final class PodRules implements Rule {
  private static final Set<String> VOLUMES =
      Set.of(
          "configMap",
          "csi",
          "downwardAPI",
          "emptyDir",
          "ephemeral",
          "persistentVolumeClaim",
          "projected",
          "secret");

  /** Of a pod's fields those that take nothing of its node and change nothing of its network. */
  private static final Set<String> POD_FIELDS =
      Set.of(
          "affinity",
          "automountServiceAccountToken",
          "containers",
          "enableServiceLinks",
          "imagePullSecrets",
          "initContainers",
          "nodeSelector",
          "priorityClassName",
          "restartPolicy",
          "securityContext",
          "serviceAccountName",
          "terminationGracePeriodSeconds",
          "tolerations",
          "topologySpreadConstraints",
          "volumes");

  /** What the rules below look at, for a pod and for a container. */
  private static final Set<String> SECURITY_FIELDS =
      Set.of(
          "allowPrivilegeEscalation",
          "capabilities",
          "fsGroup",
          "fsGroupChangePolicy",
          "privileged",
          "readOnlyRootFilesystem",
          "runAsGroup",
          "runAsNonRoot",
          "runAsUser",
          "seccompProfile");

  private static final Pattern VERSIONED =
      Pattern.compile(".+@sha256:[0-9a-f]{64}|[^@:]+:(?!latest$)[A-Za-z0-9_][A-Za-z0-9_.-]*");

  @Override
  public Stream<Finding> check(Overlay overlay) {
    return overlay.workloads().flatMap(workload -> new PodCheck(overlay, workload).run());
  }

  /** One workload's check. */
  private static final class PodCheck {
    private final Overlay overlay;
    private final Manifest workload;
    private final JsonNode spec;
    private final List<Finding> findings = new ArrayList<>();

    PodCheck(Overlay overlay, Manifest workload) {
      this.overlay = overlay;
      this.workload = workload;
      this.spec = Overlay.pod(workload).path("spec");
    }

    Stream<Finding> run() {
      only(POD_FIELDS, spec, "its pods");
      only(SECURITY_FIELDS, spec.path("securityContext"), "its pods' securityContext");
      Overlay.pod(workload)
          .at("/metadata/annotations")
          .fieldNames()
          .forEachRemaining(
              key ->
                  require(
                      !key.startsWith("container."), "host", "changes its confinement: " + key));
      for (String sharing : List.of("hostNetwork", "hostPID", "hostIPC")) {
        require(!spec.path(sharing).asBoolean(), "host", "shares the node's: " + sharing);
      }
      require(
          spec.path("securityContext").path("sysctls").isEmpty(), "sysctls", "sets kernel options");
      for (JsonNode volume : spec.path("volumes")) {
        volume
            .fieldNames()
            .forEachRemaining(
                field ->
                    require(
                        field.equals("name") || VOLUMES.contains(field),
                        "volumes",
                        "volume " + volume.path("name").asText() + " is a " + field));
      }
      require(
          spec.path("automountServiceAccountToken").isBoolean()
              && !spec.path("automountServiceAccountToken").asBoolean(),
          "automounted token",
          "mounts the token of its service account into every container: set"
              + " automountServiceAccountToken: false, and project a token where one is used");
      require(
          !spec.path("serviceAccountName").asText("default").equals("default"),
          "service account",
          "runs as the namespace's default service account, expected one of its own");
      require(
          spec.path("terminationGracePeriodSeconds").asInt() > 0,
          "graceful stop",
          "does not say how long it may take to stop (terminationGracePeriodSeconds)");
      require(
          spec.at("/securityContext/runAsUser").isInt()
              && spec.at("/securityContext/runAsGroup").isInt(),
          "no root",
          "leaves its user to the image, whose name a kubelet cannot tell from root: expected"
              + " runAsUser and runAsGroup by number");
      boolean keepsFiles = !workload.tree().at("/spec/volumeClaimTemplates").isEmpty();
      require(
          !keepsFiles || spec.at("/securityContext/fsGroup").isInt(),
          "volumes",
          "has a volume that its user could not write to: expected fsGroup");
      for (JsonNode claim : workload.tree().at("/spec/volumeClaimTemplates")) {
        require(
            claim.at("/spec/resources/requests").has("storage"),
            "volumes",
            "claims a volume and does not say how large");
      }
      spec.path("initContainers").forEach(this::container);
      spec.path("containers").forEach(this::container);
      spec.path("containers").forEach(this::probes);
      return findings.stream();
    }

    private void container(JsonNode container) {
      String name = "container " + container.path("name").asText();
      JsonNode own = container.path("securityContext");
      JsonNode user = either(own, "runAsUser");
      only(SECURITY_FIELDS, own, name + "'s securityContext");
      require(
          either(own, "runAsNonRoot").asBoolean()
              && user.asInt(1) != 0
              && either(own, "runAsGroup").asInt(1) != 0,
          "no root",
          name + " may run as root: expected runAsNonRoot: true, no runAsUser or runAsGroup 0");
      require(
          own.path("allowPrivilegeEscalation").isBoolean()
              && !own.path("allowPrivilegeEscalation").asBoolean()
              && !own.path("privileged").asBoolean(),
          "no privilege escalation",
          name + " may gain privileges: expected allowPrivilegeEscalation: false");
      require(
          own.path("readOnlyRootFilesystem").asBoolean(),
          "read-only root",
          name + " may write to its image's file system: expected readOnlyRootFilesystem: true");
      require(
          drops(own) && own.path("capabilities").path("add").isEmpty(),
          "capabilities",
          name + " keeps capabilities: expected drop: [ALL] and no add");
      String seccomp = either(own, "seccompProfile").path("type").asText();
      require(
          Set.of("RuntimeDefault", "Localhost").contains(seccomp),
          "seccomp",
          name + " runs without a seccomp profile: expected RuntimeDefault");
      limits(container, name);
      image(container.path("image").asText(), name);
      for (JsonNode port : container.path("ports")) {
        require(!port.has("hostPort"), "host", name + " takes a port of its node");
      }
    }

    private void limits(JsonNode container, String name) {
      for (String kind : List.of("requests", "limits")) {
        for (String what : List.of("cpu", "memory")) {
          require(
              container.path("resources").path(kind).has(what),
              "limits",
              name + " has no " + what + " in resources." + kind);
        }
      }
    }

    private void image(String image, String name) {
      String last = image.substring(image.lastIndexOf('/') + 1);
      require(
          VERSIONED.matcher(last).matches(),
          "no latest tag",
          name + " runs image '" + image + "', which is another one tomorrow: expected a version");
    }

    private void probes(JsonNode container) {
      for (String probe : List.of("livenessProbe", "readinessProbe")) {
        JsonNode set = container.path(probe);
        require(
            Set.of("Job", "CronJob").contains(workload.kind()) || set.isObject(),
            "probes",
            "container " + container.path("name").asText() + " has no " + probe);
      }
      require(
          Stream.of("httpGet", "tcpSocket")
              .flatMap(way -> container.findValues(way).stream())
              .noneMatch(asked -> asked.has("host") || asked.has("scheme")),
          "probes",
          "container " + container.path("name").asText() + " is asked at another host, or by TLS");
      for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
        JsonNode set = container.path(probe);
        require(
            set.isMissingNode() || (set.has("periodSeconds") && set.has("timeoutSeconds")),
            "probes",
            probe
                + " leaves its time to the default of one second: expected periodSeconds and"
                + " timeoutSeconds");
      }
    }

    /** A field that no rule looks at may take away what the rules ask for. */
    private void only(Set<String> known, JsonNode node, String whose) {
      node.fieldNames()
          .forEachRemaining(
              field ->
                  require(
                      known.contains(field),
                      "unlooked at",
                      "has " + field + " in " + whose + ", which nothing here needs"));
    }

    private boolean drops(JsonNode securityContext) {
      for (JsonNode capability : securityContext.path("capabilities").path("drop")) {
        if (capability.asText().equals("ALL")) {
          return true;
        }
      }
      return false;
    }

    /** A container's own setting, or else its pod's. */
    private JsonNode either(JsonNode own, String field) {
      return own.has(field) ? own.path(field) : spec.path("securityContext").path(field);
    }

    private void require(boolean holds, String rule, String sentence) {
      if (!holds) {
        findings.add(overlay.finding(workload, rule, sentence));
      }
    }
  }
}
