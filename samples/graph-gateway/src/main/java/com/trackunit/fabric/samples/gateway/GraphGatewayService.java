// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.samples.contracts.Environment;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;

/**
 * graph-gateway as a process: settings from the environment, one line {@code READY graph-gateway
 * <port>} once it can do its work, an orderly end at SIGTERM.
 */
public final class GraphGatewayService {
  private GraphGatewayService() {}

  /**
   * Runs until the process is told to end. Exit status 1 if it cannot start.
   *
   * @param args none
   * @throws InterruptedException never, in a process of its own
   */
  public static void main(String[] args) throws InterruptedException {
    GraphGateway gateway;
    try {
      GatewaySettings settings = GatewaySettings.from(Environment.system());
      gateway =
          GraphGateway.start(
              settings, new InetSocketAddress(settings.httpPort()), new OkHttpClient());
    } catch (FabricException | IllegalStateException e) {
      System.err.println("graph-gateway cannot start: " + e.getMessage());
      System.exit(1);
      return;
    }
    CountDownLatch told = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  told.countDown();
                  gateway.close();
                },
                "fabric-gateway-shutdown-1"));
    while (!told.await(50, TimeUnit.MILLISECONDS)) {
      if (gateway.ready().isUp()) {
        System.out.println("READY graph-gateway " + gateway.port());
        told.await();
      }
    }
  }
}
