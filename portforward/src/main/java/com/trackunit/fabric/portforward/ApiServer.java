// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.portforward.ApiErrors.Call;
import com.trackunit.fabric.portforward.PortForwardException.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceList;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the forward asks of the API server: one Service, its EndpointSlices, and tunnels to its
 * pods. Thread-safe; the methods block, at most for the timeout.
 */
final class ApiServer implements AutoCloseable {
  private static final String SERVICE_NAME = "kubernetes.io/service-name";
  private static final String SLICES = "endpointslices.discovery.k8s.io";

  private final ServiceAddress service;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(FabricThreads.named("portforward", "api"));
  private final KubernetesClient client;
  private final TunnelDialer dialer;

  ApiServer(ServiceAddress service, ClusterAccess access, Duration timeout) {
    this.service = service;
    Config config;
    HttpClients clients = new HttpClients(threads);
    try {
      config = access.load(timeout);
      client =
          new KubernetesClientBuilder()
              .withConfig(config)
              .withHttpClientFactory(clients)
              .withTaskExecutor(threads)
              .build();
    } catch (PortForwardException e) {
      threads.shutdown();
      throw e;
    } catch (RuntimeException e) {
      threads.shutdown();
      throw new PortForwardException(
          Reason.NO_CLUSTER,
          "set up the connection to the API server: "
              + ApiErrors.innermost(e)
              + "; check the kubeconfig's certificates and keys",
          e);
    }
    this.dialer = new TunnelDialer(service.namespace(), config, clients, timeout);
  }

  /**
   * The name under which EndpointSlices show the port asked for.
   *
   * @return empty for a port without a name
   */
  String portName() {
    Call call = new Call("get", "services", service.service(), service.namespace());
    Service found =
        answered(
            call,
            () ->
                client
                    .services()
                    .inNamespace(service.namespace())
                    .withName(service.service())
                    .get());
    if (found == null) {
      throw missingService(call);
    }
    requireParsed(call, found.getSpec());
    return found.getSpec().getPorts().stream()
        .filter(port -> port.getProtocol() == null || "TCP".equals(port.getProtocol()))
        .filter(port -> service.matches(orEmpty(port.getName()), port.getPort()))
        .findFirst()
        .map(port -> orEmpty(port.getName()))
        .orElseThrow(() -> missingPort(found));
  }

  private PortForwardException missingService(Call call) {
    Call look = new Call("get", "namespaces", service.namespace(), service.namespace());
    boolean isNamespaceMissing;
    String doubt = "";
    try {
      isNamespaceMissing =
          answered(look, () -> client.namespaces().withName(service.namespace()).get()) == null;
    } catch (AccessForbiddenException e) {
      isNamespaceMissing = false;
      doubt = " (or no such namespace: this user may not look)";
    }
    return isNamespaceMissing
        ? new PortForwardException(
            Reason.NO_SUCH_NAMESPACE,
            call + ": the cluster has no namespace " + service.namespace() + "; check the name",
            null)
        : new PortForwardException(
            Reason.NO_SUCH_SERVICE,
            call + ": there is no such service" + doubt + "; check the name and the context",
            null);
  }

  private PortForwardException missingPort(Service found) {
    String ports =
        found.getSpec().getPorts().stream()
            .map(
                port ->
                    (port.getName() == null ? "" : port.getName() + "=")
                        + port.getPort()
                        + " to "
                        + targetOf(port.getTargetPort()))
            .collect(Collectors.joining(", "));
    return new PortForwardException(
        Reason.NO_SUCH_PORT,
        "forward to "
            + service
            + ": the service has no TCP port "
            + service.port()
            + "; it has "
            + ports,
        null);
  }

  private static String targetOf(@Nullable IntOrString target) {
    return target == null ? "the same" : String.valueOf(target.getValue());
  }

  /** The slices now, and the revision from which a watch goes on. */
  EndpointSliceList slices() {
    Call call = new Call("list", SLICES, "", service.namespace());
    EndpointSliceList found = answered(call, () -> slicesOfService().list());
    requireParsed(call, found.getMetadata());
    return found;
  }

  /** Watches from a revision; the watcher is told of the end too, and nothing reconnects. */
  Watch watch(EndpointSliceList from, Watcher<EndpointSlice> watcher) {
    ListOptions options =
        new ListOptionsBuilder()
            .withResourceVersion(from.getMetadata().getResourceVersion())
            .build();
    return answered(
        new Call("watch", SLICES, "", service.namespace()),
        () -> slicesOfService().watch(options, watcher));
  }

  private FilterWatchListDeletable<EndpointSlice, EndpointSliceList, Resource<EndpointSlice>>
      slicesOfService() {
    return client
        .discovery()
        .v1()
        .endpointSlices()
        .inNamespace(service.namespace())
        .withLabel(SERVICE_NAME, service.service());
  }

  /** A WebSocket to a pod's port, opened. */
  Tunnel dial(Target target, Tunnel.Receiver receiver) {
    return dialer.dial(target, receiver);
  }

  private static <T> T answered(Call call, Supplier<T> request) {
    try {
      return request.get();
    } catch (KubernetesClientException e) {
      if (e.getCode() > 0) {
        String said = e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage();
        throw ApiErrors.of(call, e.getCode(), said, e);
      }
      throw ApiErrors.unreachable(call.toString(), e);
    } catch (IllegalArgumentException e) {
      throw ApiErrors.unsendable(call);
    }
  }

  /** An answer in JSON that is no object of the API: somebody else answers there. */
  private static void requireParsed(Call call, @Nullable Object part) {
    if (part == null) {
      throw new PortForwardException(
          Reason.UNREACHABLE,
          call + ": the answer is not the Kubernetes API's; check the API server's address",
          null);
    }
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  static List<EndpointSlice> items(EndpointSliceList list) {
    return List.copyOf(list.getItems());
  }

  /** Closes watches and idle connections; tunnels are their owners' to close. */
  @Override
  public void close() {
    dialer.close();
    client.close();
    threads.shutdownNow();
  }
}
