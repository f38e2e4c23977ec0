// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code script/check-manifests --reach}, on folders that other teams might have. */
class ReachCommandTest {
  private static final String CONTAINER = "{name: main, image: 'shop:1'}";

  /** A shop whose web pods alone may ask its database, and a job that may not. */
  private static final String SHOP =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop}
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec: {containers: [{name: main, image: 'shop:1'}]}
      ---
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: db, namespace: shop}
      spec:
        selector: {matchLabels: {app: db}}
        template:
          metadata: {labels: {app: db}}
          spec: {containers: [{name: main, image: 'db:1', ports: [{name: sql, containerPort: 5432}]}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: db, namespace: shop}
      spec: {selector: {app: db}, ports: [{port: 15432, targetPort: sql}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: db, namespace: shop}
      spec:
        podSelector: {matchLabels: {app: db}}
        policyTypes: [Ingress, Egress]
        ingress:
        - from: [{podSelector: {matchLabels: {app: web}}}]
          ports: [{port: sql}]
        - from: [{ipBlock: {cidr: 10.244.0.0/16}}]
          ports: [{port: 9187}]
      """;

  @TempDir private Path folder;
  private int status;
  private String out = "";
  private String errors = "";

  @BeforeEach
  void shop() throws IOException {
    Files.writeString(folder.resolve("shop.yaml"), SHOP);
  }

  @Test
  void theTableSaysPortsServicesAndBothReadingsOfBlocks() {
    reach();
    assertThat(status).isZero();
    assertThat(errors).isEmpty();
    assertThat(out.lines().map(line -> line.replaceAll(" +", " ")))
        .containsExactly(
            "TCP 5432 (where an ipBlock matches pods: TCP 5432, 9187), by db:15432 shop/web -> shop/db",
            "all ports shop/web -> shop/web",
            "all ports shop/web -> outside 0.0.0.0/0, ::/0",
            "TCP 9187 outside 10.244.0.0/16 -> shop/db",
            "all ports outside 0.0.0.0/0, ::/0 -> shop/web");
  }

  @Test
  void jsonHasTheSameRows() throws IOException {
    reach("--json", "--pod-cidr", "10.99.0.0/16");
    JsonNode table = new ObjectMapper().readTree(out);
    List<String> rows = new ArrayList<>();
    for (JsonNode row : table.path("reach")) {
      rows.add(row.path("from").asText() + " " + row.path("to").asText());
      assertThat(row.path("portsIfBlocksMatchPods")).isEqualTo(row.path("ports"));
    }
    assertThat(rows).contains("shop/web shop/db").doesNotContain("shop/db shop/db");
    assertThat(table.at("/reach").findValuesAsText("ports")).contains("TCP 5432");
    assertThat(table.at("/reach").findParent("services").path("services").isArray()).isTrue();
    assertThat(table.path("notEvaluated").isArray()).isTrue();
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "apps/v1, Deployment, selector: {matchLabels: {app: web}}; template:",
    "apps/v1, StatefulSet, selector: {matchLabels: {app: web}}; template:",
    "apps/v1, DaemonSet, selector: {matchLabels: {app: web}}; template:",
    "apps/v1, ReplicaSet, selector: {matchLabels: {app: web}}; template:",
    "v1, ReplicationController, selector: {app: x}; template:",
    "batch/v1, Job, template:",
    "batch/v1, CronJob, schedule: '0 0 * * *'; jobTemplate: {spec: {template:",
  })
  void podsOfEveryWorkloadAreEvaluated(String version, String kind, String before)
      throws IOException {
    String template =
        "{metadata: {labels: {app: web}}, spec: {restartPolicy: Never, containers: ["
            + CONTAINER
            + "]}}";
    String closing = before.contains("jobTemplate") ? "}}" : "";
    more(version, kind, "{" + before.replace(";", ",") + " " + template + closing + "}");
    reach();
    assertThat(errors).isEmpty();
    assertThat(out.replaceAll(" +", " ")).contains("TCP 5432", "shop/tried -> shop/db");
  }

  @Test
  void podsThatAreNotEvaluatedAreNamed() throws IOException {
    more("v1", "Pod", "{hostNetwork: true, containers: [" + CONTAINER + "]}");
    Files.writeString(
        folder.resolve("rollout.yaml"),
        "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: r, namespace: shop},"
            + " spec: {template: {spec: {containers: [{name: main}]}}}}");
    reach();
    assertThat(status).isZero();
    assertThat(out)
        .contains("# not evaluated, hostNetwork: shop/tried")
        .contains("# not evaluated, kind not known: Rollout shop/r")
        .doesNotContain("-> shop/tried");
  }

  @Test
  void aKindOfTheSameNameInAnotherGroupIsNoService() throws IOException {
    Files.writeString(
        folder.resolve("knative.yaml"),
        "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: db2, namespace: shop},"
            + " spec: {selector: {app: db}, ports: [{port: 1}]}}");
    reach();
    assertThat(status).isZero();
    assertThat(out).doesNotContain("db2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "podSelector: {matchLabel: {app: db}} | spec.podSelector.matchLabel: unknown field",
        "podSelectors: {} | spec.podSelectors: unknown field",
        "policyTypes: [Ingress] | spec.podSelector is missing",
        "podSelector: {}, policyTypes: [ingress] | expected one of [Ingress, Egress]",
        "podSelector: {}, ingress: [{ports: [{port: 70000}]}] | port is 70000, expected the form",
        "podSelector: {}, ingress: [{ports: [{port: '80'}]}] | port is \"80\", expected the form",
        "podSelector: {}, ingress: [{ports: [{port: 9, endPort: 8}]}] | endPort not below port",
        "podSelector: {}, ingress: [{ports: [{protocol: ICMP}]}] | expected one of [TCP, UDP, SCTP]",
        "podSelector: {}, ingress: [{from: [{ipBlock: {except: [10.0.0.0/8]}}]}] | cidr is missing",
        "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}] | prefix of 33 bits",
        "podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]} | expected one of [In",
        "podSelector: {}, ingress: {} | spec.ingress: {}, expected list",
      })
  void aPolicyThatAServerWouldRefuseIsAnError(String spec, String message) throws IOException {
    more("networking.k8s.io/v1", "NetworkPolicy", "{" + spec + "}");
    reach("--json");
    assertThat(status).isEqualTo(1);
    assertThat(out).isEmpty();
    assertThat(errors).contains("NetworkPolicy shop/tried: ").contains(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "podSelector: {matchExpressions: }, policyTypes: , ingress: ",
        "podSelector: {matchLabels: }, ingress: [{from: , ports: }], egress: ",
        "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: }}]}]",
      })
  void aFieldThatIsLeftEmptyIsNone(String spec) throws IOException {
    more("networking.k8s.io/v1", "NetworkPolicy", "{" + spec + "}");
    reach();
    assertThat(errors).isEmpty();
    assertThat(status).isZero();
  }

  @Test
  void anEmptyItemIsAnError() throws IOException {
    more("networking.k8s.io/v1", "NetworkPolicy", "{podSelector: {}, ingress: [null]}");
    reach();
    assertThat(status).isEqualTo(1);
    assertThat(errors).contains("tried.yaml", "an empty item in a list");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{clusterIP: None, selector: {app: db}}",
        "{type: ExternalName, externalName: db.example}",
      })
  void aServiceThatNeedsNoPortsIsRead(String spec) throws IOException {
    more("v1", "Service", spec);
    reach();
    assertThat(errors).isEmpty();
    assertThat(status).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v1 | Service | selector: {app: db} | spec.ports is missing",
        "v1 | Service | ports: [{port: 1}, {port: 2}] | which each of several needs: {\"port\":1}",
        "apps/v1 | DaemonSet | selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app:"
            + " z}}, spec: {containers: [{name: main}]}} | does not match its pods' labels {app=z}",
      })
  void aServiceOrWorkloadThatAServerWouldRefuseIsAnError(
      String version, String kind, String spec, String message) throws IOException {
    more(version, kind, "{" + spec + "}");
    reach();
    assertThat(status).isEqualTo(1);
    assertThat(errors).contains(kind + " shop/tried: ").contains(message);
  }

  @Test
  void oneObjectTwiceIsAnError() throws IOException {
    Files.writeString(folder.resolve("again.yaml"), SHOP);
    reach();
    assertThat(status).isEqualTo(1);
    assertThat(errors).contains("NetworkPolicy shop/db: is in the folder twice");
  }

  @Test
  void whatKubectlGetsFromAClusterIsRead() throws IOException {
    Files.writeString(
        folder.resolve("got.yaml"),
        "{apiVersion: v1, kind: Pod, metadata: {name: got, namespace: shop, creationTimestamp: null,"
            + " managedFields: [{fieldsType: FieldsV1, fieldsV1: {'f:metadata': {'f:labels': {}}}}]},"
            + " spec: {containers: [{name: main}]}, status: {phase: Running}}");
    reach();
    assertThat(errors).isEmpty();
    assertThat(out).contains("shop/got");
  }

  @Test
  void aMisspeltLabelFieldOfAWorkloadIsAnError() throws IOException {
    Files.writeString(
        folder.resolve("shop.yaml"),
        SHOP.replace("metadata: {labels: {app: web}}", "metadata: {lables: {app: web}}"));
    reach();
    assertThat(status).isEqualTo(1);
    assertThat(errors)
        .contains("shop.yaml", "Deployment shop/web", "metadata.lables: unknown field");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"kind: [", "just words", "{a: 1}", "{apiVersion: v1, kind: X, kind: Y}", "a: off"})
  void whatIsNoManifestIsAnErrorWithFileAndLine(String text) throws IOException {
    Files.writeString(folder.resolve("bad.yaml"), "\n" + text);
    reach();
    assertThat(status).isEqualTo(1);
    assertThat(errors).contains("bad.yaml");
  }

  @Test
  void aFolderThatIsNotThereOrEmptyIsAnError() throws IOException {
    folder = Files.createDirectory(folder.resolve("empty"));
    reach();
    assertThat(status).isEqualTo(1);
    assertThat(errors).contains("no manifests here");
    folder = folder.resolve("nowhere");
    reach();
    assertThat(status).isEqualTo(1);
    assertThat(errors).contains("nowhere", "cannot be read");
  }

  @Test
  void unknownOptionsAreUsageErrors() {
    for (String option : List.of("--yaml", "--pod-cidr")) {
      reach(option);
      assertThat(status).isEqualTo(64);
      assertThat(errors).contains("expected --json, --pod-cidr CIDR");
    }
    reach("--pod-cidr", "10.0.0.0");
    assertThat(status).isEqualTo(1);
    assertThat(errors).contains("pod addresses: '10.0.0.0' is no CIDR block");
  }

  private void more(String version, String kind, String spec) throws IOException {
    Files.writeString(
        folder.resolve("tried.yaml"),
        "{apiVersion: "
            + version
            + ", kind: "
            + kind
            + ", metadata: {name: tried, namespace: shop}, spec: "
            + spec
            + "}");
  }

  private void reach(String... options) {
    List<String> arguments = new ArrayList<>(List.of("--reach", folder.toString()));
    arguments.addAll(List.of(options));
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    status =
        new CheckManifests(
                new PrintStream(written, true, StandardCharsets.UTF_8),
                new PrintStream(told, true, StandardCharsets.UTF_8))
            .run(arguments);
    out = written.toString(StandardCharsets.UTF_8);
    errors = told.toString(StandardCharsets.UTF_8);
  }
}
