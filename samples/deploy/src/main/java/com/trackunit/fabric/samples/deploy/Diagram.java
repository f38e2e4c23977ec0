// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import com.trackunit.fabric.samples.deploy.manifest.PodTemplates;
import com.trackunit.fabric.samples.deploy.reach.Reach;
import com.trackunit.fabric.samples.deploy.reach.ReachTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The seed's network diagram as SVG. Where things stand is fixed here, so that it reads well; every
 * word and every arrow comes from the manifests and their reach table. What has no place is an
 * error.
 */
final class Diagram {
  private static final int BOX_WIDTH = 200;
  private static final int BOX_HEIGHT = 112;
  private static final int TOP = 150;
  private static final int BAR_TOP = 30;
  private static final int BAR_BOTTOM = 420;

  /** Left edges of the workloads' boxes. */
  private static final Map<String, Integer> PLACES =
      Map.of(
          "api-gateway/kong", 215,
          "api-gateway/oauth2-proxy", 490,
          "graph-gateway/graph-gateway", 790,
          "messaging/rabbitmq", 1090,
          "svc-analysis-orchestrator/svc-analysis-orchestrator", 1390);

  /** Left edge and width of the namespaces' boxes. */
  private static final Map<String, List<Integer>> NAMESPACES =
      Map.of(
          "api-gateway", List.of(200, 505),
          "graph-gateway", List.of(775, 230),
          "messaging", List.of(1075, 230),
          "svc-analysis-orchestrator", List.of(1375, 230));

  private static final Set<String> NOT_DRAWN =
      Set.of(
          "ClusterRole",
          "ClusterRoleBinding",
          "ConfigMap",
          "Gateway",
          "GatewayClass",
          "KongPlugin",
          "PodDisruptionBudget",
          "Role",
          "RoleBinding",
          "ServiceAccount");

  private static final String DNS = "kube-system/kube-dns";

  private final Overlay overlay;
  private final ReachTable table;
  private final StringBuilder svg = new StringBuilder();

  private Diagram(Overlay overlay, ReachTable table) {
    this.overlay = overlay;
    this.table = table;
  }

  /**
   * Draws an overlay.
   *
   * @throws ManifestException if one of its objects has no place
   */
  static String draw(Overlay overlay, ReachTable table) {
    return new Diagram(overlay, table).svg();
  }

  private String svg() {
    overlay.objects().forEach(this::mustHaveAPlace);
    svg.append(HEAD);
    bar(BAR_TOP, "kube-dns in kube-system, UDP and TCP 53");
    bar(
        BAR_BOTTOM,
        "outside the cluster: Entra ID, the funnel of tu-ingestion-service, the API server");
    overlay.ofKind("Namespace").forEach(this::namespace);
    overlay.workloads().forEach(this::workload);
    overlay.ofKind("HTTPRoute").forEach(this::client);
    table.rows().forEach(this::arrow);
    return svg.append("</svg>\n").toString();
  }

  private void mustHaveAPlace(Manifest object) {
    boolean placed =
        switch (object.kind()) {
          case "Namespace" -> NAMESPACES.containsKey(object.name());
          case "NetworkPolicy", "HTTPRoute" -> NAMESPACES.containsKey(object.namespace());
          case "Service" -> overlay.workloads().anyMatch(workload -> leadsTo(object, workload));
          default ->
              NOT_DRAWN.contains(object.kind())
                  || (PodTemplates.of(object).isPresent()
                      && PLACES.containsKey(object.namespace() + "/" + object.name()));
        };
    if (!placed) {
      throw new ManifestException(object + ": has no place in the diagram: give it one in Diagram");
    }
  }

  private void bar(int y, String text) {
    rect("bar", 200, y, 1405, 40);
    text("z", 1405 / 2 + 200, y + 25, text);
  }

  private void namespace(Manifest namespace) {
    List<Integer> place = NAMESPACES.getOrDefault(namespace.name(), List.of(0, 0));
    rect("ns", place.get(0), TOP - 34, place.get(1), BOX_HEIGHT + 92);
    svg.append(
        "<text class=\"n\" x=\"%d\" y=\"%d\">%s</text>\n"
            .formatted(place.get(0) + 10, TOP - 16, "ns " + namespace.name()));
    List<String> policies =
        overlay
            .ofKind("NetworkPolicy")
            .filter(policy -> policy.namespace().equals(namespace.name()))
            .map(Manifest::name)
            .sorted()
            .toList();
    svg.append(
        "<text class=\"p\" x=\"%d\" y=\"%d\">policies:</text>\n"
            .formatted(place.get(0) + 10, TOP + BOX_HEIGHT + 20));
    int half = Math.min(policies.size(), Math.max(1, policies.size() / 2));
    String first = String.join(", ", policies.subList(0, half));
    List<String> others = policies.subList(half, policies.size());
    svg.append(
        "<text class=\"p\" x=\"%d\" y=\"%d\">%s</text>\n"
            .formatted(place.get(0) + 60, TOP + BOX_HEIGHT + 20, first));
    svg.append(
        "<text class=\"p\" x=\"%d\" y=\"%d\">%s</text>\n"
            .formatted(place.get(0) + 10, TOP + BOX_HEIGHT + 40, String.join(", ", others)));
  }

  private void workload(Manifest workload) {
    int x = place(workload.namespace() + "/" + workload.name());
    rect("box", x, TOP, BOX_WIDTH, BOX_HEIGHT);
    int middle = x + BOX_WIDTH / 2;
    text("t", middle, TOP + 24, workload.name());
    int replicas = workload.tree().path("spec").path("replicas").asInt(1);
    text(
        "s",
        middle,
        TOP + 44,
        workload.kind() + ", " + (replicas == 1 ? "1 pod" : replicas + " pods"));
    int y = TOP + 70;
    for (Manifest service : overlay.ofKind("Service").filter(s -> leadsTo(s, workload)).toList()) {
      JsonNode spec = service.tree().path("spec");
      JsonNode port = spec.path("ports").path(0);
      text("v", middle, y, "Service " + service.name());
      text(
          "v",
          middle,
          y + 18,
          spec.path("type").asText()
              + " "
              + port.path("port").asText()
              + " to "
              + targetPort(workload, port.path("targetPort").asText()));
      y += 40;
    }
  }

  private void client(Manifest route) {
    JsonNode spec = route.tree().path("spec");
    rect("box", 10, TOP, 132, BOX_HEIGHT);
    text("t", 76, TOP + 36, "client");
    text("s", 76, TOP + 58, "https://" + spec.path("hostnames").path(0).asText());
    text(
        "s",
        76,
        TOP + 76,
        spec.path("rules").path(0).path("matches").path(0).path("path").path("value").asText());
  }

  private void arrow(Reach row) {
    boolean fromOurs = PLACES.containsKey(row.from());
    boolean toOurs = PLACES.containsKey(row.to());
    if (fromOurs && toOurs) {
      int from = place(row.from());
      int to = place(row.to());
      boolean right = from < to;
      int start = right ? from + BOX_WIDTH : from;
      int end = right ? to : to + BOX_WIDTH;
      line("a", start, TOP + 40, end, TOP + 40);
      text("l", (start + end) / 2, TOP + 30, row.ports());
    } else if (fromOurs && row.to().equals(DNS)) {
      line("d", right(row.from()), TOP, right(row.from()), BAR_TOP + 40);
    } else if (fromOurs) {
      outside(row, right(row.from()));
    } else if (toOurs && row.from().startsWith("outside")) {
      line("a", 142, TOP + 40, place(row.to()), TOP + 40);
      text("l", 178, TOP + 30, row.ports());
    }
  }

  private void outside(Reach row, int at) {
    boolean everywhere = row.to().contains(" except ");
    line("a", at, TOP + BOX_HEIGHT, at, BAR_BOTTOM);
    svg.append(
        "<text class=\"l e\" x=\"%d\" y=\"%d\">%s</text>\n"
            .formatted(at - 8, BAR_BOTTOM - 34, row.ports()));
    svg.append(
        "<text class=\"s e\" x=\"%d\" y=\"%d\">%s</text>\n"
            .formatted(
                at - 8,
                BAR_BOTTOM - 16,
                everywhere ? "public addresses" : row.to().replace("outside ", "")));
  }

  private boolean leadsTo(Manifest service, Manifest workload) {
    Map<String, String> selector = Manifest.texts(service.tree().path("spec").path("selector"));
    Map<String, String> labels =
        Manifest.texts(Overlay.pod(workload).path("metadata").path("labels"));
    return service.namespace().equals(workload.namespace())
        && labels.entrySet().containsAll(selector.entrySet());
  }

  private static String targetPort(Manifest workload, String target) {
    Map<String, String> named = new LinkedHashMap<>();
    for (JsonNode container : Overlay.pod(workload).path("spec").path("containers")) {
      container
          .path("ports")
          .forEach(
              port -> named.put(port.path("name").asText(), port.path("containerPort").asText()));
    }
    return named.getOrDefault(target, target);
  }

  /** Where a workload's lines up and down stand. */
  private static int right(String workload) {
    return place(workload) + BOX_WIDTH - 12;
  }

  private static int place(String workload) {
    Integer place = PLACES.get(workload);
    if (place == null) {
      throw new ManifestException(
          workload + ": has no place in the diagram: give it one in Diagram");
    }
    return place;
  }

  private void rect(String style, int x, int y, int width, int height) {
    svg.append(
        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n"
            .formatted(style, x, y, width, height));
  }

  private void text(String style, int x, int y, String text) {
    svg.append(
        "<text class=\"%s m\" x=\"%d\" y=\"%d\">%s</text>\n".formatted(style, x, y, escape(text)));
  }

  private void line(String style, int x1, int y1, int x2, int y2) {
    svg.append(
        "<path class=\"%s\" d=\"M%d %dL%d %d\" marker-end=\"url(#h)\"/>\n"
            .formatted(style, x1, y1, x2, y2));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  private static final String HEAD =
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1620 490" role="img" aria-label="Namespaces, services, pods and who reaches whom on which port">
      <style>
      svg{background:#fff;font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
      .ns{fill:#f6f8fa;stroke:#8c959f;stroke-dasharray:5 4} .bar{fill:#eef1f4;stroke:#d0d7de} .box{fill:#fff4d6;stroke:#bf8700;stroke-width:1.5}
      .m{text-anchor:middle} .e{text-anchor:end} .t{font-size:13.5px;font-weight:600;fill:#1f2328} .s,.v,.z{font-size:12px;fill:#57606a}
      .n{font-size:13px;font-weight:600;fill:#57606a} .p{font-size:11.5px;fill:#57606a} .l{font-size:12px;font-weight:600;fill:#0969da}
      .a{fill:none;stroke:#0969da;stroke-width:1.8} .d{fill:none;stroke:#8c959f;stroke-dasharray:3 3}
      </style>
      <defs><marker id="h" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="#424a53"/></marker></defs>
      """;
}
