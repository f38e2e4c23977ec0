// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.EnvironmentException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import okhttp3.OkHttpClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * graph-gateway as a process: settings from the environment, one line {@code READY graph-gateway
 * <port>} once it can do its work, an orderly end at SIGTERM. It ends with 2 for a bad environment
 * and with 1 where it cannot start.
 */
public final class GraphGatewayService {
  private static final Logger log = LoggerFactory.getLogger(GraphGatewayService.class);

  private final CountDownLatch stopping = new CountDownLatch(1);

  private GraphGatewayService() {}

  /**
   * Runs until the process is told to end.
   *
   * @param args none
   * @throws InterruptedException never, in a process of its own
   */
  public static void main(String[] args) throws InterruptedException {
    try {
      new GraphGatewayService().run(GatewaySettings.from(Environment.system()));
    } catch (EnvironmentException e) {
      System.err.println("graph-gateway: " + e.getMessage());
      System.exit(2);
    } catch (RuntimeException e) {
      log.error("graph-gateway cannot start", e);
      System.exit(1);
    }
  }

  private void run(GatewaySettings settings) throws InterruptedException {
    GraphGateway gateway = GraphGateway.start(settings, new OkHttpClient());
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> stop(gateway), "fabric-graph-gateway-stop"));
    open(gateway);
    while (!stopping.await(50, TimeUnit.MILLISECONDS)) {
      if (gateway.ready().isUp()) {
        System.out.println("READY graph-gateway " + gateway.port());
        stopping.await();
      }
    }
  }

  /** Tries again while RabbitMQ is away; liveness holds meanwhile, readiness does not. */
  private void open(GraphGateway gateway) throws InterruptedException {
    Backoff backoff =
        Backoff.exponential(
            Duration.ofMillis(200), Duration.ofSeconds(10), RandomGenerator.getDefault());
    for (int failures = 1; stopping.getCount() > 0; failures++) {
      try {
        gateway.open();
        return;
      } catch (FabricException e) {
        if (!e.isRetryable()) {
          throw e;
        }
        log.warn("not open after {} attempts: {}", failures, e.getMessage());
        stopping.await(backoff.delay(failures).toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void stop(GraphGateway gateway) {
    stopping.countDown();
    gateway.close();
  }
}
