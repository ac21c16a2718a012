"""Paper: QR payloads, waybills, receipts, posters. The only user of reportlab and qrcode."""
