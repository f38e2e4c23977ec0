// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.reflect.TypeToken;
import io.kubernetes.client.PortForward;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.apis.DiscoveryV1Api;
import io.kubernetes.client.openapi.models.V1EndpointSlice;
import io.kubernetes.client.openapi.models.V1EndpointSliceList;
import io.kubernetes.client.util.Config;
import io.kubernetes.client.util.Watch;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The official Kubernetes client for Java, made by others for the real API server, works against
 * the stand-in: what shows that the stand-in speaks the real protocol.
 */
class OfficialClientTest {
  private static final Map<String, String> LABELS = Map.of("app.kubernetes.io/name", "rabbitmq");

  private final ApiServerStandIn api = ApiServerStandIn.start();
  private final User admin = api.user("admin").mayDoAnything();
  private Echo echo;
  private ApiClient client;

  @BeforeEach
  void connect() throws IOException {
    echo = new Echo();
    client = client(api.kubeconfig(admin));
    api.createNamespace("messaging");
    api.createService("messaging", "rabbitmq", LABELS, new ServicePort("amqp", 5672, "amqp"));
  }

  @AfterEach
  void close() throws IOException {
    echo.close();
    api.close();
    OkHttpClient http = client.getHttpClient();
    http.dispatcher().executorService().shutdownNow();
    http.connectionPool().evictAll();
  }

  private static ApiClient client(String kubeconfig) throws IOException {
    return Config.fromConfig(new StringReader(kubeconfig));
  }

  private Pod pod(String name, InetSocketAddress backend) {
    return api.createPod("messaging", name, LABELS, new ContainerPort("amqp", 5672, backend));
  }

  @Test
  void itsPortForwardCarriesBytesBothWays() throws Exception {
    Pod pod = pod("rabbitmq-0", echo.address()).ready(true);
    byte[] sent = new byte[300_000];
    new Random(1).nextBytes(sent);

    PortForward.PortForwardResult forward =
        new PortForward(client).forward("messaging", "rabbitmq-0", List.of(5672));
    InputStream in = forward.getInputStream(5672);
    CompletableFuture<byte[]> received =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return in.readNBytes(sent.length);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    try (OutputStream out = forward.getOutboundStream(5672)) {
      out.write(sent);
      out.flush();
      assertThat(received.get()).isEqualTo(sent);
      assertThat(pod.forwards()).isEqualTo(1);
    }
    forward.close();
    await().untilAsserted(() -> assertThat(pod.forwards()).isZero());
  }

  @Test
  void itReadsTheErrorOfAPodThatRefuses() throws Exception {
    InetSocketAddress nobody;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = (InetSocketAddress) closed.getLocalSocketAddress();
    }
    api.createPod(
            "messaging",
            "rabbitmq-0",
            LABELS,
            new ContainerPort("amqp", 5672, nobody),
            new ContainerPort("management", 15672, echo.address()))
        .ready(true);

    // The second port keeps the WebSocket open: this client asks for its streams after it has
    // begun, and fails where every port has ended by then.
    PortForward.PortForwardResult forward =
        new PortForward(client).forward("messaging", "rabbitmq-0", List.of(5672, 15672));

    // It leaves the port's two bytes at the beginning of an error.
    byte[] error = forward.getErrorStream(5672).readNBytes(47);
    assertThat(new String(error, 2, 45, UTF_8))
        .isEqualTo("error forwarding port 5672 to pod rabbitmq-0,");
    forward.close();
  }

  @Test
  void itsModelsReadTheObjects() throws Exception {
    Pod pod = pod("rabbitmq-0", echo.address()).ready(true);
    pod("rabbitmq-1", echo.address());

    assertThat(
            new CoreV1Api(client)
                .readNamespacedService("rabbitmq", "messaging")
                .execute()
                .getSpec()
                .getPorts()
                .get(0)
                .getTargetPort()
                .getStrValue())
        .isEqualTo("amqp");
    V1EndpointSliceList slices =
        new DiscoveryV1Api(client)
            .listNamespacedEndpointSlice("messaging")
            .labelSelector("kubernetes.io/service-name=rabbitmq")
            .execute();
    V1EndpointSlice slice = slices.getItems().get(0);
    assertThat(slice.getPorts().get(0).getPort()).isEqualTo(5672);
    assertThat(slice.getEndpoints())
        .extracting(one -> one.getTargetRef().getName(), one -> one.getConditions().getReady())
        .containsExactly(
            org.assertj.core.api.Assertions.tuple("rabbitmq-0", true),
            org.assertj.core.api.Assertions.tuple("rabbitmq-1", false));
    assertThat(slice.getEndpoints().get(0).getTargetRef().getUid()).isEqualTo(pod.uid());
    assertThat(new CoreV1Api(client).listNamespacedPod("messaging").execute().getItems())
        .extracting(one -> one.getStatus().getPhase())
        .containsExactly("Running", "Running");
  }

  @Test
  void itsWatchSeesAPodComeAndGo() throws Exception {
    Pod pod = pod("rabbitmq-0", echo.address());
    ApiClient streaming = client(api.kubeconfig(admin));
    streaming.setReadTimeout(0);
    try (Watch<V1EndpointSlice> watch =
        Watch.createWatch(
            streaming,
            new DiscoveryV1Api(streaming)
                .listNamespacedEndpointSlice("messaging")
                .watch(true)
                .buildCall(null),
            new TypeToken<Watch.Response<V1EndpointSlice>>() {}.getType())) {
      assertThat(watch.next().type).isEqualTo("ADDED");
      pod.ready(true);
      Watch.Response<V1EndpointSlice> changed = watch.next();
      assertThat(changed.type).isEqualTo("MODIFIED");
      assertThat(changed.object.getEndpoints().get(0).getConditions().getReady()).isTrue();
    }
  }

  @Test
  void aRefusalSaysWhichVerbOnWhichResource() throws Exception {
    User nobody = api.user("nobody").may("messaging", "pods/portforward", "get");
    pod("rabbitmq-0", echo.address()).ready(true);
    ApiClient theirs = client(api.kubeconfig(nobody));

    assertThatThrownBy(
            () -> new CoreV1Api(theirs).readNamespacedService("rabbitmq", "messaging").execute())
        .isInstanceOfSatisfying(
            ApiException.class,
            e ->
                assertThat(e.getResponseBody())
                    .contains(
                        "services \\\"rabbitmq\\\" is forbidden: User \\\"nobody\\\" cannot get"
                            + " resource \\\"services\\\" in API group \\\"\\\" in the namespace"
                            + " \\\"messaging\\\""));
    assertThatThrownBy(
            () -> new PortForward(theirs).forward("messaging", "rabbitmq-0", List.of(5672)))
        .hasStackTraceContaining("403");
  }

  @Test
  void anUnknownTokenIsNotAuthorised() throws Exception {
    String before = api.kubeconfig(admin);
    admin.renewToken();

    assertThatThrownBy(
            () ->
                new CoreV1Api(client(before))
                    .readNamespacedService("rabbitmq", "messaging")
                    .execute())
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.getCode()).isEqualTo(401));
  }

  @Test
  void aClientCertificateNamesItsUser() throws Exception {
    assertThat(
            new CoreV1Api(client(api.kubeconfigWithCertificate(admin)))
                .readNamespace("messaging")
                .execute()
                .getMetadata()
                .getName())
        .isEqualTo("messaging");
  }
}
