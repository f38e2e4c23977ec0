// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import okhttp3.tls.HeldCertificate;

/**
 * A Kubernetes API server on loopback, as far as a port-forward sees one: HTTPS with a certificate
 * of its own authority, bearer tokens and client certificates, RBAC with the real refusals,
 * namespaces, Services, pods and EndpointSlices to get, list and watch, and port-forwards over
 * WebSocket ({@code v4.channel.k8s.io}) that end at real servers.
 *
 * <p>Thread-safe. Whoever starts it closes it.
 */
public final class ApiServerStandIn implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  private final TlsAuthority tls = new TlsAuthority();
  private final Cluster cluster = new Cluster();
  private final Users users = new Users();
  private final ApiFront front;
  private volatile ForwardFault fault = ForwardFault.NONE;

  private ApiServerStandIn() {
    try {
      front = new ApiFront(tls.serverSocket(HOST));
    } catch (IOException e) {
      throw new StandInException("Cannot make a TLS socket: " + e.getMessage(), e);
    }
    front.start(new ApiRoutes(cluster, users, front.threads(), front::pass, () -> fault)::serve);
  }

  /**
   * Starts one on a free port, with an empty cluster.
   *
   * @return a running stand-in
   */
  public static ApiServerStandIn start() {
    return new ApiServerStandIn();
  }

  /**
   * Where it is.
   *
   * @return {@code https://127.0.0.1:{port}}
   */
  public URI uri() {
    return URI.create("https://" + HOST + ":" + front.port());
  }

  /**
   * The authority behind its certificate.
   *
   * @return PEM
   */
  public String certificateAuthorityPem() {
    return tls.pem();
  }

  /**
   * A user, made at the first call with the name.
   *
   * @param name such as {@code system:serviceaccount:bridge:bridge}
   * @return may do nothing until told
   */
  public User user(String name) {
    return users.named(Objects.requireNonNull(name, "name"));
  }

  /**
   * A kubeconfig with the user's token.
   *
   * @param user whose
   * @return YAML
   */
  public String kubeconfig(User user) {
    return kubeconfig("    token: " + user.token().reveal() + "\n");
  }

  /**
   * A kubeconfig with a client certificate of the user.
   *
   * @param user whose
   * @return YAML
   */
  public String kubeconfigWithCertificate(User user) {
    HeldCertificate certificate = tls.certificateOf(user.name());
    return kubeconfig(
        "    client-certificate-data: "
            + base64(certificate.certificatePem())
            + "\n    client-key-data: "
            + base64(certificate.privateKeyPkcs8Pem())
            + "\n");
  }

  /**
   * A kubeconfig with any user section.
   *
   * @param userYaml the lines below {@code user:}, indented by four blanks
   * @return YAML
   */
  public String kubeconfig(String userYaml) {
    return """
        apiVersion: v1
        kind: Config
        current-context: stand-in
        contexts:
        - name: stand-in
          context:
            cluster: stand-in
            user: caller
        clusters:
        - name: stand-in
          cluster:
            server: %s
            certificate-authority-data: %s
        users:
        - name: caller
          user:
        """
            .formatted(uri(), base64(tls.pem()))
        + userYaml;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Makes a namespace.
   *
   * @param name its name
   */
  public void createNamespace(String name) {
    cluster.addNamespace(Objects.requireNonNull(name, "name"));
  }

  /**
   * Makes a Service, or changes it.
   *
   * @param namespace where
   * @param name its name
   * @param selector the labels of its pods
   * @param ports at least one
   */
  public void createService(
      String namespace, String name, Map<String, String> selector, ServicePort... ports) {
    cluster.addService(new ObjectName(namespace, name), selector, List.of(ports));
  }

  /**
   * Deletes a Service.
   *
   * @param namespace where
   * @param name its name
   */
  public void deleteService(String namespace, String name) {
    cluster.removeService(new ObjectName(namespace, name));
  }

  /**
   * Makes a pod that is running and not ready yet.
   *
   * @param namespace where
   * @param name its name
   * @param labels what Services select it by
   * @param ports its containers' ports
   * @return the pod
   * @throws IllegalArgumentException if there is one of that name
   */
  public Pod createPod(
      String namespace, String name, Map<String, String> labels, ContainerPort... ports) {
    return cluster.addPod(new ObjectName(namespace, name), labels, List.of(ports));
  }

  /** Resets every connection (TCP RST), watches and port-forwards included. */
  public void resetConnections() {
    front.reset();
  }

  /**
   * Begins or ends an outage: connections are reset and new ones cut before the handshake.
   *
   * @param on true to begin
   */
  public void outage(boolean on) {
    front.outage(on);
  }

  /**
   * Stops or restarts all that flows, as a network that lost its way does: connections stay open,
   * nothing comes through.
   *
   * @param on true to stop
   */
  public void freeze(boolean on) {
    front.freeze(on);
  }

  /**
   * Spoils the port-forwards that begin from now on.
   *
   * @param wrong how; {@link ForwardFault#NONE} for no longer
   */
  public void spoilForwards(ForwardFault wrong) {
    fault = Objects.requireNonNull(wrong, "wrong");
  }

  /** Forgets past events, as etcd's compaction does: old watches cannot go on (410). */
  public void compact() {
    cluster.store().compact();
  }

  /**
   * How many requests came in.
   *
   * @return since the start
   */
  public long requests() {
    return front.requests();
  }

  /**
   * How many connections are open, watches and port-forwards included.
   *
   * @return the number now
   */
  public int connections() {
    return front.connections();
  }

  /** Stops at once. Idempotent. */
  @Override
  public void close() {
    cluster.store().close();
    front.close();
  }

  @Override
  public String toString() {
    return "ApiServerStandIn[" + uri() + "]";
  }
}
