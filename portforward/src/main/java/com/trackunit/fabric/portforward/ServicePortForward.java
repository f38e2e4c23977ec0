// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.Lifecycle;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.StateListener;
import com.trackunit.fabric.portforward.PortForwardException.Reason;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A port on loopback that leads to one port of a Service in a Kubernetes cluster, and goes on doing
 * so while pods come and go. Each local connection becomes one WebSocket to a ready pod; when the
 * pod goes, its connections end and new ones go to the next ready pod, which they wait for.
 *
 * <p>It is {@link ResourceState#OPEN} while a pod is ready and has answered a probe in the
 * forwarded protocol, {@link ResourceState#RECOVERING} otherwise. State listeners run on a thread
 * {@code fabric-portforward-state-1}.
 *
 * <p>Thread-safe. Whoever opened it closes it. Any user of this machine can dial the port.
 */
public final class ServicePortForward implements HealthSource, AutoCloseable {
  private final ApiServer api;
  private final CurrentTarget current = new CurrentTarget();
  private final LocalListener listener;
  private final Supervisor supervisor;
  private final Lifecycle lifecycle;
  private final ServiceAddress service;
  private final ExecutorService listeners =
      Executors.newSingleThreadExecutor(FabricThreads.named("portforward", "state"));
  private final ScheduledExecutorService pings =
      Executors.newSingleThreadScheduledExecutor(FabricThreads.named("portforward", "pings"));

  private ServicePortForward(ForwardSettings settings) {
    this.service = settings.service();
    this.lifecycle = new Lifecycle("port-forward:" + service, Clock.systemUTC(), listeners);
    ApiServer server = null;
    try {
      server = new ApiServer(service, settings.access(), settings.timeouts().connect());
      this.listener = new LocalListener(settings, server, current);
    } catch (RuntimeException e) {
      if (server != null) {
        server.close();
      }
      listeners.shutdown();
      pings.shutdown();
      throw e;
    }
    this.api = server;
    this.supervisor = new Supervisor(settings, api, current, listener, lifecycle);
    long interval = settings.timeouts().pingInterval().toMillis();
    ScheduledFuture<?> unused =
        pings.scheduleWithFixedDelay(
            listener::checkLinks, interval, interval, TimeUnit.MILLISECONDS);
  }

  /**
   * Opens a forward with the defaults of each option. Blocks.
   *
   * @param namespace of the Service
   * @param service its name
   * @param port its port, by name or number; where the Service's target port is a name, each pod's
   *     own number is used
   * @return an open forward
   * @throws PortForwardException as {@link Builder#open}
   */
  public static ServicePortForward open(String namespace, String service, String port) {
    return builder(namespace, service, port).open();
  }

  /**
   * Opens a forward with the defaults of each option. Blocks.
   *
   * @param namespace of the Service
   * @param service its name
   * @param port the number of its port
   * @return an open forward
   * @throws PortForwardException as {@link Builder#open}
   */
  public static ServicePortForward open(String namespace, String service, int port) {
    return open(namespace, service, Integer.toString(port));
  }

  /**
   * A forward with choices.
   *
   * @param namespace of the Service
   * @param service its name
   * @param port its port, by name or number
   * @return a builder
   */
  public static Builder builder(String namespace, String service, String port) {
    return new Builder(new ServiceAddress(namespace, service, port));
  }

  /**
   * Where to connect; it stays the same for the life of the forward.
   *
   * @return {@code 127.0.0.1} and a port
   */
  public InetSocketAddress address() {
    return listener.address();
  }

  /**
   * The pod that new connections go to.
   *
   * @return its name; empty while there is none
   */
  public Optional<String> pod() {
    return Optional.ofNullable(current.now()).map(Target::pod);
  }

  /**
   * How many local connections are open.
   *
   * @return those forwarded and those waiting for a pod
   */
  public int connections() {
    return listener.connections();
  }

  /**
   * The state now.
   *
   * @return never null
   */
  public ResourceState state() {
    return lifecycle.state();
  }

  @Override
  public Health health() {
    return lifecycle.health();
  }

  /**
   * Adds a listener for the changes that come after this call.
   *
   * @param stateListener is told of each change
   */
  public void addStateListener(StateListener stateListener) {
    lifecycle.addListener(stateListener);
  }

  /** Resets the local connections, gives up the port and ends. Idempotent; does not block long. */
  @Override
  public void close() {
    lifecycle.moveTo(ResourceState.CLOSING, "closed by its owner");
    pings.shutdownNow();
    supervisor.close();
    listener.close();
    api.close();
    lifecycle.moveTo(ResourceState.CLOSED, "closed by its owner");
    listeners.shutdown();
  }

  @Override
  public String toString() {
    return "ServicePortForward[" + service + " at " + address() + ", " + state() + "]";
  }

  /** Collects the options. Not thread-safe. */
  public static final class Builder {
    private final ServiceAddress service;
    private @Nullable Path kubeconfig;
    private @Nullable String context;
    private boolean insecureTls;
    private int localPort;
    private int maxConnections = 256;
    private ProtocolProbe probe = ProtocolProbe.amqp();
    private Duration openTimeout = Duration.ofSeconds(30);
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration probeInterval = Duration.ofSeconds(30);
    private Duration pingInterval = Duration.ofSeconds(20);
    private Duration halfCloseLinger = Duration.ofSeconds(5);
    private Duration backoffLimit = Duration.ofSeconds(15);
    private MeterRegistry meters = new CompositeMeterRegistry();

    private Builder(ServiceAddress service) {
      this.service = service;
    }

    /**
     * The kubeconfig to read.
     *
     * @param file default {@code KUBECONFIG}, else {@code ~/.kube/config}, else the service account
     *     of the pod that this runs in
     * @return this
     */
    public Builder kubeconfig(Path file) {
      this.kubeconfig = Objects.requireNonNull(file, "kubeconfig");
      return this;
    }

    /**
     * The kubeconfig's context.
     *
     * @param name default the current one; one that is not there is an error
     * @return this
     */
    public Builder context(String name) {
      this.context = Objects.requireNonNull(name, "context");
      return this;
    }

    /**
     * Allows a kubeconfig to switch the verification of the API server's certificate off, or to
     * name a server without TLS. Whoever stands in between can then take the credentials. Default:
     * such a kubeconfig is an error.
     *
     * @return this
     */
    public Builder allowInsecureTls() {
      this.insecureTls = true;
      return this;
    }

    /**
     * The local port.
     *
     * @param value 0 to 65535; default 0, which takes a free one
     * @return this
     */
    public Builder localPort(int value) {
      this.localPort = ForwardSettings.bounded("localPort", value, 0, 65_535);
      return this;
    }

    /**
     * How many local connections there may be at a time; one more is reset.
     *
     * @param value 1 to 10000; default 256
     * @return this
     */
    public Builder maxConnections(int value) {
      this.maxConnections = ForwardSettings.bounded("maxConnections", value, 1, 10_000);
      return this;
    }

    /**
     * How to tell that a pod answers.
     *
     * @param value default {@link ProtocolProbe#amqp}
     * @return this
     */
    public Builder probe(ProtocolProbe value) {
      this.probe = Objects.requireNonNull(value, "probe");
      return this;
    }

    /**
     * How long {@link #open} tries.
     *
     * @param value more than 0, at most an hour; default 30 s
     * @return this
     */
    public Builder openTimeout(Duration value) {
      this.openTimeout = ForwardSettings.bounded("openTimeout", value);
      return this;
    }

    /**
     * How long one request to the API server, one dial and one probe may take, and how long a local
     * connection waits for a pod.
     *
     * @param value more than 0, at most an hour; default 10 s
     * @return this
     */
    public Builder connectTimeout(Duration value) {
      this.connectTimeout = ForwardSettings.bounded("connectTimeout", value);
      return this;
    }

    /**
     * How often the pod in use is probed.
     *
     * @param value more than 0, at most an hour; default 30 s
     * @return this
     */
    public Builder probeInterval(Duration value) {
      this.probeInterval = ForwardSettings.bounded("probeInterval", value);
      return this;
    }

    /**
     * How often a link is asked for a sign of life; one that gives none for two intervals is cut.
     *
     * @param value more than 0, at most an hour; default 20 s
     * @return this
     */
    public Builder pingInterval(Duration value) {
      this.pingInterval = ForwardSettings.bounded("pingInterval", value);
      return this;
    }

    /**
     * How long a pod may be silent after the local client has ended its side, before the connection
     * is closed.
     *
     * @param value more than 0, at most an hour; default 5 s
     * @return this
     */
    public Builder halfCloseLinger(Duration value) {
      this.halfCloseLinger = ForwardSettings.bounded("halfCloseLinger", value);
      return this;
    }

    /**
     * The longest wait between two attempts to find a pod; the first is about 200 ms.
     *
     * @param value 200 ms to an hour; default 15 s
     * @return this
     */
    public Builder backoffLimit(Duration value) {
      ForwardSettings.bounded("backoffLimit", value);
      if (value.compareTo(Duration.ofMillis(200)) < 0) {
        throw new IllegalArgumentException(
            "port-forward: backoffLimit is " + value + ", expected at least 200 ms");
      }
      this.backoffLimit = value;
      return this;
    }

    /**
     * Where to count: connections and how they ended, bytes, probes, changes of the pod.
     *
     * @param registry default none
     * @return this
     */
    public Builder meters(MeterRegistry registry) {
      this.meters = Objects.requireNonNull(registry, "meters");
      return this;
    }

    /**
     * Opens it: finds the Service, a ready pod, and probes it. Blocks; what may pass is tried again
     * until the open timeout is over.
     *
     * @return an open forward, to be closed by the caller
     * @throws AccessForbiddenException if RBAC refuses a verb
     * @throws PortForwardException if it cannot be opened; {@link PortForwardException#reason} says
     *     why
     */
    public ServicePortForward open() {
      ServicePortForward forward = new ServicePortForward(settings());
      try {
        forward.supervisor.open();
        forward.listener.start();
        return forward;
      } catch (RuntimeException e) {
        forward.close();
        throw e;
      } catch (InterruptedException e) {
        forward.close();
        Thread.currentThread().interrupt();
        throw new PortForwardException(
            Reason.UNREACHABLE, "forward to " + service + ": interrupted while opening", e);
      }
    }

    private ForwardSettings settings() {
      return new ForwardSettings(
          service,
          new ClusterAccess(kubeconfig, context, insecureTls),
          localPort,
          maxConnections,
          probe,
          new ForwardSettings.Timeouts(
              openTimeout,
              connectTimeout,
              probeInterval,
              pingInterval,
              halfCloseLinger,
              backoffLimit),
          meters);
    }
  }
}
