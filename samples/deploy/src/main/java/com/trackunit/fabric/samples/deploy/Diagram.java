// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import com.trackunit.fabric.samples.deploy.manifest.PodTemplates;
import com.trackunit.fabric.samples.deploy.reach.Reach;
import com.trackunit.fabric.samples.deploy.reach.ReachTable;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The seed's network diagram as SVG. Where things stand is fixed here, so that it reads well; every
 * word and every arrow comes from the manifests and their reach table. What has no place is an
 * error.
 */
final class Diagram {
  private static final int LEFT = 215;
  private static final int WIDTH = 1620;
  private static final int BOX_WIDTH = 225;
  private static final int BOX_HEIGHT = 112;
  private static final int TOP = 150;
  private static final int BAR_TOP = 30;
  private static final int BAR_BOTTOM = 420;

  /** Left edges of the workloads' boxes. */
  private static final Map<String, Integer> PLACES =
      Map.of(
          "api-gateway/kong", 230,
          "api-gateway/oauth2-proxy", 560,
          "graph-gateway/graph-gateway", 905,
          "messaging/rabbitmq", 1250,
          "svc-analysis-orchestrator/svc-analysis-orchestrator", 1595);

  /** Left edge and width of the namespaces' boxes. */
  private static final Map<String, List<Integer>> NAMESPACES =
      Map.of(
          "api-gateway", List.of(LEFT, 585),
          "graph-gateway", List.of(890, 255),
          "messaging", List.of(1235, 255),
          "svc-analysis-orchestrator", List.of(1580, 255));

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
  private static final String OUTSIDE = "outside ";
  private static final String ANYONE = "outside 0.0.0.0/0, ::/0";
  private static final Pattern HTTPS = Pattern.compile("https://([a-z0-9.-]+\\.[a-z]+)");

  private final Overlay overlay;
  private final ReachTable table;
  private final StringBuilder svg = new StringBuilder();

  /** Workloads that have their line downwards: there is place for one each. */
  private final Set<String> waysOutside = new HashSet<>();

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
    bar(BAR_TOP, DNS + ", " + String.join(" or ", portsOfDns()));
    bar(BAR_BOTTOM, "outside the cluster");
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
    rect("bar", LEFT, y, WIDTH, 40);
    text("z", LEFT + WIDTH / 2, y + 25, text);
  }

  private void namespace(Manifest namespace) {
    List<Integer> place = NAMESPACES.getOrDefault(namespace.name(), List.of(0, 0));
    rect("ns", place.get(0), TOP - 34, place.get(1), BOX_HEIGHT + 92);
    left("n", place.get(0) + 10, TOP - 16, "ns " + namespace.name());
    List<String> policies =
        overlay
            .ofKind("NetworkPolicy")
            .filter(policy -> policy.namespace().equals(namespace.name()))
            .map(Manifest::name)
            .sorted()
            .toList();
    int half = Math.max(1, policies.size() / 2);
    int x = place.get(0) + 10;
    List<String> first = policies.subList(0, Math.min(half, policies.size()));
    left("p", x, TOP + BOX_HEIGHT + 20, "policies: " + String.join(", ", first));
    List<String> others = policies.subList(first.size(), policies.size());
    left("p", x, TOP + BOX_HEIGHT + 40, String.join(", ", others));
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
    rect("box", 4, TOP, 146, BOX_HEIGHT);
    text("t", 77, TOP + 36, "client");
    text("s", 77, TOP + 58, "https://" + spec.path("hostnames").path(0).asText());
    text(
        "s",
        77,
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
    } else if (fromOurs && row.to().startsWith(OUTSIDE) && waysOutside.add(row.from())) {
      outside(row, right(row.from()));
    } else if (toOurs && row.from().equals(ANYONE)) {
      line("a", 150, TOP + 40, place(row.to()), TOP + 40);
      text("l", (150 + LEFT) / 2, TOP + 30, row.ports());
    } else if (fromOurs || (toOurs && !isAnyones(row))) {
      throw new ManifestException(
          row.sentence() + ": has no place in the diagram: give it one in Diagram");
    }
  }

  /** Where everyone may come, others of the cluster may as well. */
  private boolean isAnyones(Reach row) {
    return table.rows().stream()
        .anyMatch(
            other ->
                other.from().equals(ANYONE)
                    && other.to().equals(row.to())
                    && other.ports().equals(row.ports()));
  }

  private Set<String> portsOfDns() {
    Set<String> ports = new TreeSet<>();
    table.rows().stream()
        .filter(row -> PLACES.containsKey(row.from()) && row.to().equals(DNS))
        .forEach(row -> ports.add(row.ports()));
    return ports;
  }

  private void outside(Reach row, int at) {
    boolean isPublic = row.to().contains(" except ");
    Set<String> called = isPublic ? hosts(row.from()) : Set.of(row.to().replace(OUTSIDE, ""));
    line("a", at, TOP + BOX_HEIGHT, at, BAR_BOTTOM);
    int y = BAR_BOTTOM - 14;
    for (String host : called) {
      left("s e", at - 8, y, host);
      y -= 17;
    }
    left("l e", at - 8, y, row.ports());
  }

  /** Whom a workload is told to call by HTTPS. */
  private Set<String> hosts(String id) {
    Set<String> hosts = new TreeSet<>();
    overlay
        .workloads()
        .filter(workload -> id.equals(workload.namespace() + "/" + workload.name()))
        .flatMap(workload -> Overlay.containers(workload).stream())
        .forEach(
            container -> {
              Matcher url = HTTPS.matcher(container.path("env").toString());
              while (url.find()) {
                hosts.add(url.group(1));
              }
            });
    if (hosts.isEmpty()) {
      hosts.add("public addresses");
    }
    return hosts;
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
    left(style + " m", x, y, text);
  }

  private void left(String style, int x, int y, String text) {
    svg.append(
        "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n".formatted(style, x, y, escape(text)));
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
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1850 490" role="img" aria-label="Namespaces, services, pods and who reaches whom on which port">
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
