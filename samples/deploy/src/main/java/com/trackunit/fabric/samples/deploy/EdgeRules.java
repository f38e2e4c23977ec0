// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.edge.ControllerForm;
import com.trackunit.fabric.samples.deploy.edge.DeclarativeForm;
import com.trackunit.fabric.samples.deploy.edge.Edge;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the edge must do, whatever form its routes have: HTTPS only, exactly {@code /graphql}, to
 * oauth2-proxy and nowhere else, with time for quiet subscriptions; and oauth2-proxy lets nobody
 * pass but bearers of a token.
 */
final class EdgeRules implements Rule {
  private static final String RULE = "edge";
  private static final String UPSTREAM = "api-gateway/oauth2-proxy:4180";
  private static final String CERTIFICATE = "api-gateway/kong-ingress-tls";
  private static final String CONTROLLER = "ingress-controllers.konghq.com/kong";
  private static final int HTTPS_PORT = 443;
  private static final Set<String> PATHS = Set.of("~/graphql$");

  /** Ten minutes; a socket is pinged every 25 s, so this is not what ends it. */
  private static final int QUIET_MILLIS = 600_000;

  private static final Map<String, String> FILES =
      Map.of(
          "KONG_DECLARATIVE_CONFIG", "/etc/kong/kong.yml",
          "KONG_SSL_CERT", "/etc/kong/tls/tls.crt",
          "KONG_SSL_CERT_KEY", "/etc/kong/tls/tls.key");

  private static final Map<String, String> BEARER_ONLY =
      Map.ofEntries(
          Map.entry(
              "upstreams",
              "[\"http://graph-gateway.graph-gateway.svc.cluster.local:8080/graphql\"]"),
          Map.entry("real_client_ip_header", "\"X-Real-IP\""),
          Map.entry("cookie_secure", "true"),
          Map.entry("http_address", "\"0.0.0.0:4180\""),
          Map.entry("provider", "\"oidc\""),
          Map.entry("oidc_enabled_signing_algs", "[\"RS256\"]"),
          Map.entry("email_domains", "[\"*\"]"),
          Map.entry("skip_jwt_bearer_tokens", "true"),
          Map.entry("bearer_token_login_fallback", "false"),
          Map.entry("api_routes", "[\"^/graphql$\"]"),
          Map.entry("force_json_errors", "true"),
          Map.entry("pass_authorization_header", "true"),
          Map.entry("pass_user_headers", "false"),
          Map.entry("pass_basic_auth", "false"),
          Map.entry("set_xauthrequest", "false"),
          Map.entry("reverse_proxy", "true"));

  private final Edge reference;

  /**
   * @param declarative the file that says it in Kong's own words
   */
  EdgeRules(String declarative) {
    this.reference =
        DeclarativeForm.read("kong.yml", Manifests.tree("kong.yml", declarative), CERTIFICATE);
  }

  @Override
  public Stream<Finding> check(Overlay overlay) {
    List<Finding> findings = new ArrayList<>();
    try {
      List<Edge> edges = edges(overlay);
      if (edges.size() != 1) {
        findings.add(
            new Finding(
                overlay.name(), RULE, "tells Kong its routes in " + edges.size() + " forms"));
      }
      for (Edge edge : edges) {
        Stream.concat(mustBe(edge).stream(), edge.differencesFrom(reference).stream())
            .map(sentence -> new Finding(overlay.name() + ": " + edge.form(), RULE, sentence))
            .forEach(findings::add);
      }
    } catch (ManifestException e) {
      findings.add(new Finding(overlay.name(), RULE, String.valueOf(e.getMessage())));
    }
    overlay.ofKind("Gateway").forEach(gateway -> listeners(overlay, gateway, findings));
    overlay
        .ofKind("IngressClass")
        .filter(object -> !object.tree().at("/spec/controller").asText().equals(CONTROLLER))
        .forEach(
            object ->
                findings.add(
                    overlay.finding(object, RULE, "is for another controller than " + CONTROLLER)));
    overlay
        .ofKind("GatewayClass")
        .filter(object -> !object.annotation("konghq.com/gatewayclass-unmanaged").equals("true"))
        .forEach(
            object ->
                findings.add(
                    overlay.finding(
                        object, RULE, "is not annotated konghq.com/gatewayclass-unmanaged")));
    files(overlay, findings);
    bearerOnly(overlay, findings);
    return findings.stream();
  }

  /** Every form in which this overlay tells Kong its routes. */
  static List<Edge> edges(Overlay overlay) {
    List<Edge> edges = new ArrayList<>();
    ControllerForm.gatewayApi(overlay.objects()).ifPresent(edges::add);
    ControllerForm.ingress(overlay.objects()).ifPresent(edges::add);
    declarative(overlay).ifPresent(edges::add);
    return edges;
  }

  /** Files that Kong is told of must be where it looks for them. */
  private static void files(Overlay overlay, List<Finding> findings) {
    Optional<Manifest> kong = overlay.find("Deployment", "api-gateway", "kong");
    if (kong.isEmpty() || declarative(overlay).isEmpty()) {
      return;
    }
    String containers = Overlay.pod(kong.get()).at("/spec/containers").toString();
    FILES.forEach(
        (variable, file) -> {
          if (!containers.contains("{\"name\":\"" + variable + "\",\"value\":\"" + file + "\"}")) {
            findings.add(
                overlay.finding(kong.get(), RULE, variable + " is not set, expected " + file));
          }
        });
  }

  private static Optional<Edge> declarative(Overlay overlay) {
    return overlay
        .ofKind("ConfigMap")
        .filter(object -> object.tree().path("data").has("kong.yml"))
        .findFirst()
        .map(
            object ->
                DeclarativeForm.read(
                    object.id(),
                    Manifests.tree(
                        object.id(), object.tree().path("data").path("kong.yml").asText()),
                    tlsSecret(overlay)));
  }

  private static String tlsSecret(Overlay overlay) {
    return overlay
        .find("Deployment", "api-gateway", "kong")
        .map(kong -> Overlay.pod(kong).path("spec").findPath("secretName").asText())
        .map(name -> "api-gateway/" + name)
        .orElse("none");
  }

  private static List<String> mustBe(Edge edge) {
    List<String> sentences = new ArrayList<>();
    for (Edge.RouteToService pair : edge.routes()) {
      JsonNode route = pair.route();
      JsonNode service = pair.service();
      if (!service.path("upstream").asText().equals(UPSTREAM)) {
        sentences.add(
            "a route leads to " + service.path("upstream").asText() + " and bypasses oauth2-proxy");
      }
      if (!texts(route.path("paths")).equals(PATHS)) {
        sentences.add("a route takes " + route.path("paths") + ", expected exactly /graphql");
      }
      if (!texts(route.path("protocols")).equals(Set.of("https"))) {
        sentences.add("a route takes " + route.path("protocols") + ", expected https only");
      }
      for (String timeout : List.of("read_timeout", "write_timeout")) {
        if (service.path(timeout).asInt() < QUIET_MILLIS) {
          sentences.add(
              timeout + " is " + service.path(timeout) + " ms and would cut a quiet subscription");
        }
      }
      Set<String> plugins = new TreeSet<>();
      route.path("plugins").forEach(plugin -> plugins.add(plugin.path("name").asText()));
      if (!plugins.containsAll(
          Set.of("rate-limiting", "request-size-limiting", "correlation-id"))) {
        sentences.add("a route has only the plugins " + plugins);
      }
    }
    return sentences;
  }

  private static void listeners(Overlay overlay, Manifest gateway, List<Finding> findings) {
    for (JsonNode listener : gateway.tree().path("spec").path("listeners")) {
      String host = listener.path("hostname").asText();
      if (host.isEmpty() || host.startsWith("*")) {
        findings.add(overlay.finding(gateway, RULE, "listens for any host, expected a hostname"));
      }
      if (!listener.path("protocol").asText().equals("HTTPS")) {
        findings.add(
            overlay.finding(
                gateway,
                RULE,
                "listens with " + listener.path("protocol") + ", expected HTTPS only"));
      }
      JsonNode tls = listener.path("tls");
      if (listener.path("port").asInt() != HTTPS_PORT
          || !tls.path("mode").asText("Terminate").equals("Terminate")
          || tls.path("certificateRefs").findValue("namespace") != null
          || !listener.at("/allowedRoutes/namespaces/from").asText("Same").equals("Same")) {
        findings.add(
            overlay.finding(
                gateway,
                RULE,
                "listens as "
                    + listener
                    + ", expected port 443, TLS ended here with a certificate of the Gateway's"
                    + " namespace, and routes of that namespace only"));
      }
    }
  }

  private static void bearerOnly(Overlay overlay, List<Finding> findings) {
    List<Manifest> files =
        overlay
            .ofKind("ConfigMap")
            .filter(object -> object.tree().path("data").has("oauth2-proxy.cfg"))
            .toList();
    if (files.size() != 1) {
      findings.add(
          new Finding(
              overlay.name(), "bearer only", "has " + files.size() + " files oauth2-proxy.cfg"));
    }
    for (Manifest object : files) {
      String file = object.tree().path("data").path("oauth2-proxy.cfg").asText();
      Map<String, String> options = new TreeMap<>();
      file.lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(line -> line.split(" *= *", 2))
          .forEach(pair -> options.put(pair[0], pair.length < 2 ? "" : pair[1]));
      BEARER_ONLY.forEach(
          (key, value) -> {
            if (!value.equals(options.get(key))) {
              findings.add(
                  overlay.finding(
                      object,
                      "bearer only",
                      key + " is " + options.get(key) + ", expected " + value));
            }
          });
      options.keySet().stream()
          .filter(key -> !BEARER_ONLY.containsKey(key) && !key.equals("silence_ping_logging"))
          .forEach(
              key ->
                  findings.add(
                      overlay.finding(
                          object,
                          "bearer only",
                          key
                              + " is an option that is not looked at here: it might let requests"
                              + " pass without a token, or hold a secret")));
    }
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new TreeSet<>();
    array.forEach(item -> texts.add(item.asText()));
    return texts;
  }
}
